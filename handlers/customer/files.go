package customer

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"yumen/handlers/web"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
	"yumen/views/parts"
)

// files is a form with images of papers, read part by part as it arrives:
// nothing lies on disk before it was built anew and sealed.
type files struct {
	mr   *multipart.Reader
	next partOrErr
	bad  error // it is no such form
}

// openFiles begins to read one. It refuses the page of another account: whose
// page it was comes before whose papers.
func openFiles(r *http.Request) (f files, err error) {
	if f.mr, f.bad = parted(r); f.bad != nil {
		return f, nil
	}
	if f.next = nextPart(f.mr); f.next.err == nil && f.next.part.FormName() == parts.MarkField {
		if err := owned(r, f.next.part); err != nil {
			return f, err
		}
		f.next = nextPart(f.mr)
	}
	return f, nil
}

// each gives every file to take. What people can put right comes back as
// fields, at first when there was no file.
func (f *files) each(first documents.Kind, take func(*multipart.Part) error) (wrong problem.Form, err error) {
	if f.bad != nil {
		return wrong, f.bad
	}
	count := 0
	for ; !errors.Is(f.next.err, io.EOF); f.next = nextPart(f.mr) {
		if f.next.err != nil {
			return wrong, broken(f.next.err)
		}
		part := f.next.part
		if part.FileName() == "" {
			continue // no file was picked here
		}
		if count++; count > maxFiles {
			return wrong, problem.New(problem.TooLarge, "web.form_too_large")
		}
		if err := take(part); err != nil {
			prob, ok := problem.As(err)
			if !ok {
				return wrong, tooLarge(err)
			}
			wrong.Add(part.FormName(), prob.ID, prob.Args...)
		}
	}
	if count == 0 {
		wrong.Add(string(first), "profile.upload_none")
	}
	return wrong, nil
}

type partOrErr struct {
	part *multipart.Part
	err  error
}

func nextPart(mr *multipart.Reader) partOrErr {
	part, err := mr.NextPart()
	return partOrErr{part, err}
}

// owned refuses the upload of another account's page.
func owned(r *http.Request, part *multipart.Part) error {
	mark, err := io.ReadAll(io.LimitReader(part, 1000))
	if err != nil {
		return broken(err)
	}
	return web.OwnPart(r, string(mark))
}

// parted reads a form with files part by part.
func parted(r *http.Request) (*multipart.Reader, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, problem.New(problem.Invalid, "web.form_broken")
	}
	mr, err := r.MultipartReader()
	if err != nil {
		return nil, problem.New(problem.Invalid, "web.form_broken")
	}
	return mr, nil
}

// tooLarge tells an upload that was cut off from a fault of ours.
func tooLarge(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return problem.New(problem.TooLarge, "documents.too_large", "Limit", documents.MaxUpload>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem.New(problem.Invalid, "web.form_broken")
	}
	return err
}

// broken says what is wrong with a form whose next part cannot be read: only
// who wrote it, or the line, can be at fault.
func broken(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return problem.New(problem.TooLarge, "documents.too_large", "Limit", documents.MaxUpload>>20)
	}
	return problem.New(problem.Invalid, "web.form_broken")
}
