package accountstest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// decode reads subject and plain text out of a letter.
func decode(raw []byte) Letter {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Letter{Text: string(raw)}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		subject = m.Header.Get("Subject")
	}
	text := plain(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return Letter{Subject: subject, Text: strings.ReplaceAll(text, "\r\n", "\n")}
}

func plain(kind, encoding string, body io.Reader) string {
	media, params, err := mime.ParseMediaType(kind)
	if err == nil && strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return ""
			}
			if t := plain(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); t != "" {
				return t
			}
		}
	}
	if err == nil && media != "text/plain" {
		return ""
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(body) // what could be read is what the test sees
	return string(b)
}
