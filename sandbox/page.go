package sandbox

import (
	_ "embed"
	"net/http"
)

//go:embed sandbox.css
var css []byte

func (w *World) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox.css", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/css; charset=utf-8")
		rw.Write(css)
	})
}
