package handlers_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/testkit/page"
)

// photo is a JPEG as a camera makes it.
func photo(w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// segment puts a piece of metadata behind the head of a JPEG.
func segment(raw []byte, marker byte, body string) []byte {
	head := append([]byte{0xFF, marker}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return slices.Concat(raw[:2], head, []byte(body), raw[2:])
}

// chunk is a piece of a PNG.
func chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(append([]byte(kind), body...)))
}

// flood is a PNG of few bytes that promises w by h pixels, and has a part of
// them when real is set.
func flood(w, h uint32, real int) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 2, 0, 0, 0))...)
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write(make([]byte, real)) // into memory
	_ = zw.Close()
	return slices.Concat(out, chunk("IDAT", z.Bytes()), chunk("IEND", nil))
}

// moving is a GIF of two frames.
func moving() []byte {
	var b bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 600, 400), color.Palette{color.White, color.Black})
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{10, 10}}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const php = "<?php system($_GET['c']); ?>"

func TestAnUploadIsWhatItsBytesAre(t *testing.T) {
	w := open(t)
	good := photo(900, 600)
	say := map[string]map[string]string{
		"":                {"zh": "材料已上传并加密保存", "en": "Papers are uploaded"},
		"not_image":       {"zh": "不是 JPEG 或 PNG 图片", "en": "no JPEG or PNG picture"},
		"pdf":             {"zh": "PDF", "en": "PDF"},
		"broken":          {"zh": "图片损坏", "en": "cannot be read"},
		"too_large":       {"zh": "10 MB", "en": "10 MB"},
		"too_many_pixels": {"zh": "百万像素", "en": "million pixels"},
		"too_small":       {"zh": "200", "en": "200"},
	}
	for _, row := range []struct {
		name string
		file page.File
		want string // "" is taken
	}{
		{"a photograph", file("id.jpg", "image/jpeg", good), ""},
		{"under another type and no ending", file("blob", "application/octet-stream", good), ""},
		{"called a program", file("../../../var/www/x.php", "application/x-php", good), ""},
		{"with a name of control characters", file("a\x00\r\nX: y\".jpg", "image/jpeg", good), ""},
		{"with an endless name", file(strings.Repeat("长", 3000)+".jpg", "image/jpeg", good), ""},
		{"a JPEG with a page in its comment", file("id.jpg", "image/jpeg", segment(good, 0xFE, "<html><script>alert(1)</script>")), ""},
		{"a JPEG with a program in its metadata", file("id.jpg", "image/jpeg", segment(good, 0xE1, "Exif\x00\x00"+php)), ""},
		{"a JPEG with a PDF behind it", file("id.jpg", "image/jpeg", append(slices.Clone(good), "%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"...)), ""},
		{"a JPEG with an archive behind it", file("id.jpg", "image/jpeg", append(slices.Clone(good), "PK\x03\x04META-INF/MANIFEST.MF"...)), ""},
		{"a PNG with text in it", file("id.png", "image/png", slices.Concat(scan()[:33], chunk("tEXt", []byte("Comment\x00"+php)), scan()[33:])), ""},
		{"a program called a picture", file("id.php.jpg", "image/jpeg", []byte(php)), "not_image"},
		{"a program with a GIF's head", file("id.jpg", "image/jpeg", []byte("GIF89a"+php)), "not_image"},
		{"a page with a JPEG's head inside", file("id.jpg", "image/jpeg", []byte("<html>\xFF\xD8\xFF")), "not_image"},
		{"a page behind a JPEG's head", file("id.jpg", "image/jpeg", []byte("\xFF\xD8\xFF\xE0<html><script>alert(1)</script></html>")), "broken"},
		{"a moving picture", file("id.gif", "image/gif", moving()), "not_image"},
		{"a drawing with a script", file("id.svg", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)), "not_image"},
		{"WebP", file("id.webp", "image/webp", []byte("RIFF\x24\x00\x00\x00WEBPVP8 ")), "not_image"},
		{"a PDF", file("id.pdf", "application/pdf", []byte("%PDF-1.7\n")), "pdf"},
		{"a PDF called a picture", file("id.jpg", "image/jpeg", []byte("%PDF-1.7\n")), "pdf"},
		{"an archive", file("id.zip", "application/zip", []byte("PK\x03\x04")), "not_image"},
		{"nothing", file("id.jpg", "image/jpeg", nil), "not_image"},
		{"one byte", file("id.jpg", "image/jpeg", []byte{0xFF}), "not_image"},
		{"half a JPEG", file("id.jpg", "image/jpeg", good[:len(good)/2]), "broken"},
		{"half a PNG", file("id.png", "image/png", scan()[:len(scan())/2]), "broken"},
		{"60,000 by 60,000 pixels", file("id.png", "image/png", flood(60_000, 60_000, 1<<20)), "too_many_pixels"},
		{"more pixels than numbers", file("id.png", "image/png", flood(0x7FFFFFFF, 0x7FFFFFFF, 10)), "broken"},
		{"4 million pixels of nothing in a few KB", file("id.png", "image/png", flood(2_000, 2_000, 2_000*(1+3*2_000))), ""},
		{"pixels that are promised and not there", file("id.png", "image/png", flood(2_000, 2_000, 100)), "broken"},
		{"more pixels than were promised", file("id.png", "image/png", flood(300, 300, 300*(1+3*300)+1<<20)), "broken"},
		{"a stamp", file("id.jpg", "image/jpeg", photo(100, 80)), "too_small"},
		{"eleven megabytes", file("id.jpg", "image/jpeg", append(slices.Clone(good), make([]byte, 11<<20)...)), "too_large"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, lang := range []string{"zh", "en"} {
				who, profile := w.fresh(lang)
				b := w.enter(who.Name, lang).Visit("/profiles/" + profile)
				must(t, b.Page.Attach(map[string]string{"zh": "证件正面或证照", "en": "Front of the document"}[lang], row.file))
				b.Press(map[string]string{"zh": "上传材料", "en": "Upload papers"}[lang], "")
				papers := w.papers(who, profile)
				switch {
				case row.want == "":
					b.Is("/profiles/"+profile, http.StatusOK)
					if len(papers) != 1 {
						t.Fatalf("%d papers", len(papers))
					}
					kept, err := documents.Open(ctx, w.d, w.store, who, papers[0].Ref, "", true)
					must(t, err)
					if _, err := jpeg.Decode(bytes.NewReader(kept)); err != nil {
						t.Errorf("what is kept is no JPEG: %v", err)
					}
					for _, never := range []string{"<?php", "<script", "%PDF", "PK\x03\x04", "Exif", "Comment"} {
						if bytes.Contains(kept, []byte(never)) {
							t.Errorf("%q survived", never)
						}
					}
				case b.Page.Status != http.StatusUnprocessableEntity && b.Page.Status != http.StatusRequestEntityTooLarge:
					t.Errorf("%s: is %d", lang, b.Page.Status)
				case len(papers) != 0:
					t.Errorf("%s: refused and kept", lang)
				}
				b.See(say[row.want][lang])
				b.Visit("/profiles/"+profile).Is("/profiles/"+profile, http.StatusOK).See("王小明") // the draft is as it was
			}
		})
	}
}

// TestAnUploadThatNoBrowserSendsIsRefused: forms that are broken, of another
// kind, or of no kind.
func TestAnUploadThatNoBrowserSendsIsRefused(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	profile, _ := w.draft(lin)
	v := w.signed(visitor{name: "lin"}, "lin@example.cn")
	before := w.papers(lin, profile)
	form := func(parts ...page.File) (string, []byte) {
		var b bytes.Buffer
		mw := multipart.NewWriter(&b)
		for _, p := range parts {
			part, err := mw.CreateFormFile(p.Name, "x.jpg")
			must(t, err)
			_, err = part.Write(p.Content)
			must(t, err)
		}
		must(t, mw.Close())
		return mw.FormDataContentType(), b.Bytes()
	}
	kind, whole := form(page.File{Name: "main", Content: photo(300, 300)})
	unknown, unknownBody := form(page.File{Name: "passport<script>", Content: photo(300, 300)})
	for _, row := range []struct {
		name, kind string
		body       []byte
		status     int
	}{
		{"an ordinary form", "application/x-www-form-urlencoded", []byte("main=x"), 422},
		{"JSON", "application/json", []byte(`{"main":"x"}`), 422},
		{"no type", "", whole, 422},
		{"a picture as it is", "image/jpeg", photo(300, 300), 422},
		{"no boundary", "multipart/form-data", whole, 422},
		{"another boundary", "multipart/form-data; boundary=x", whole, 422},
		{"cut in the middle", kind, whole[:len(whole)/2], 422},
		{"cut before its end mark", kind, whole[:len(whole)-10], 422},
		{"mixed instead of form-data", strings.Replace(kind, "form-data", "mixed", 1), whole, 422},
		{"a paper of no kind", unknown, unknownBody, 422},
		{"a part with a broken head", kind, bytes.Replace(whole, []byte("Content-Disposition:"), []byte("Content Disposition"), 1), 422},
		{"a part whose head has no end", kind, bytes.Replace(whole, []byte("Content-Disposition:"), bytes.Repeat([]byte("X: y\r\n"), 20_000), 1), 413},
		{"nothing", kind, nil, 422},
	} {
		req, err := http.NewRequest(http.MethodPost, w.URL.String()+"/profiles/"+profile+"/documents", bytes.NewReader(row.body))
		must(t, err)
		req.Header.Set("Content-Type", row.kind)
		req.Header.Set("Accept-Language", "en")
		resp, err := v.client.Do(req)
		must(t, err)
		body, err := io.ReadAll(resp.Body)
		must(t, errors.Join(err, resp.Body.Close()))
		if resp.StatusCode != row.status || !strings.Contains(string(body), "</html>") {
			t.Errorf("%s: %d\n%.300s", row.name, resp.StatusCode, body)
		}
	}
	if after := w.papers(lin, profile); len(after) != len(before) {
		t.Errorf("%d papers became %d", len(before), len(after))
	}
}

// fresh is an account of its own with a draft that has no papers yet.
func (w *world) fresh(lang string) (actor.Actor, string) {
	w.t.Helper()
	mail := strings.ToLower(db.NewRef()) + "@example.cn"
	who := w.account(1, mail, lang)
	ref, _ := w.draft(who)
	for _, p := range w.papers(who, ref) {
		must(w.t, identity.RemoveDocument(ctx, w.d, who, ref, p.Ref))
	}
	who.Name = mail
	return who, ref
}

// papers are those of a profile.
func (w *world) papers(who actor.Actor, ref string) (list []documents.Document) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		p, err := identity.Find(tx, who, ref)
		list = p.Documents
		return err
	})
	return list
}
