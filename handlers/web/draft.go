package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"yumen/registrar/accounts"
	"yumen/views/parts"
)

// keepDraft keeps what was typed while its sender proves who they are, or says
// by a message id what has to be given again on the form's own page: secrets
// and files are never kept.
func (s *Site) keepDraft(r *http.Request) (missing string, err error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return "web.files_again", nil
	}
	if listToken.MatchString(r.URL.Path) { // whose a list is stands nowhere
		return "web.form_again", nil
	}
	form, err := Read(r)
	if err != nil {
		return "", err
	}
	st := of(r)
	values, size, typed, withheld := url.Values{}, 0, false, false
	for key, list := range form.Values {
		if key == parts.MarkField || key == parts.PageField {
			continue // it is given anew
		}
		if secret(key) {
			withheld = true
			continue
		}
		typed = typed || key != "back"
		values[key] = list
		for _, v := range list {
			size += len(key) + len(v)
		}
	}
	if withheld && !typed {
		return "web.secrets_again", nil
	}
	if size > maxDraft {
		return "", errors.New("too large to be kept")
	}
	person := s.sender(r, form.Get(parts.MarkField))
	if person < 0 {
		return "web.form_again", nil // nobody could be given it back
	}
	token, err := s.c.Sessions.KeepDraft(r.Context(), accounts.Draft{House: st.house.ID, Person: person,
		Action: Local(r.URL.RequestURI()), Back: formPage(r), Values: values})
	if err != nil {
		return "", err
	}
	if err := st.dropDraft(r); err != nil { // one form waits, the last
		return "", err
	}
	s.web.Put(r.Context(), keyDraft, token)
	return "", nil
}

// sender is whose form this is: of whom its page was made for, else of who is
// signed in, else of who was last in this browser, whose session ended while
// they typed. 0: of anybody; -1: it cannot be told.
func (s *Site) sender(r *http.Request, mark string) int64 {
	st := of(r)
	if p := st.marker(mark); p != 0 {
		return p
	}
	if st.who.SignedIn() {
		return st.who.Person
	}
	last, _ := Number(s.web.GetString(r.Context(), keyLast))
	return last
}

// sent forgets a waiting form that has just been sent again.
func (s *Site) sent(r *http.Request) error {
	st := of(r)
	token := s.web.GetString(r.Context(), keyDraft)
	if token == "" || r.Method != http.MethodPost || !st.who.SignedIn() {
		return nil
	}
	f, found, err := s.c.Sessions.FindDraft(r.Context(), st.house.ID, token)
	if err != nil || found && f.Action != Local(r.URL.RequestURI()) {
		return err
	}
	return st.dropDraft(r)
}

// maxDraft bounds a kept form in bytes: anyone may leave one here.
const maxDraft = 24 << 10

// secret reports a field whose name has one of these as a whole word: a
// postcode and a holder are none.
func secret(field string) bool {
	for _, part := range strings.FieldsFunc(strings.ToLower(field), func(r rune) bool { return r < 'a' || r > 'z' }) {
		switch part {
		case "password", "code", "old", "secret", "token":
			return true
		}
	}
	return false
}

// Kept is the form that waits for its sender; found is false when there is
// none, or when somebody else signed in than had sent it.
func Kept(r *http.Request) (f accounts.Draft, found bool, err error) {
	st := of(r)
	token := st.site.web.GetString(r.Context(), keyDraft)
	if token == "" {
		return f, false, nil
	}
	f, found, err = st.site.c.Sessions.FindDraft(r.Context(), st.house.ID, token)
	if err != nil || !found {
		return accounts.Draft{}, false, err
	}
	if f.Person != 0 && f.Person != st.who.Person {
		return accounts.Draft{}, false, st.dropDraft(r)
	}
	return f, true, nil
}

// othersDraft is the token of a form that waits for somebody else than who is
// signed in; empty when none does.
func (st *state) othersDraft(r *http.Request) (string, error) {
	token := st.site.web.GetString(r.Context(), keyDraft)
	if token == "" || !st.who.SignedIn() {
		return "", nil
	}
	f, found, err := st.site.c.Sessions.FindDraft(r.Context(), st.house.ID, token)
	if err != nil || !found || f.Person == 0 || f.Person == st.who.Person {
		return "", err
	}
	return token, nil
}

// DropKept forgets the waiting form.
func DropKept(r *http.Request) error { return of(r).dropDraft(r) }

func (st *state) dropDraft(r *http.Request) error {
	token := st.site.web.GetString(r.Context(), keyDraft)
	if token == "" {
		return nil
	}
	st.site.web.Remove(r.Context(), keyDraft)
	return st.site.c.Sessions.DropDraft(r.Context(), token)
}

// Hand keeps a few values, sealed, for the next page of this browser: what may
// be shown once and belongs in no address and no cookie.
func Hand(r *http.Request, values url.Values) error {
	st := of(r)
	token, err := st.site.c.Sessions.KeepDraft(r.Context(), accounts.Draft{House: st.house.ID, Person: st.who.Person, Values: values})
	if err != nil {
		return err
	}
	st.site.web.Put(r.Context(), keyHanded, token)
	return nil
}

// Handed gives back what Hand kept, once. found is false afterwards.
func Handed(r *http.Request) (values url.Values, found bool, err error) {
	st := of(r)
	token := st.site.web.GetString(r.Context(), keyHanded)
	if token == "" {
		return nil, false, nil
	}
	f, found, err := st.site.c.Sessions.FindDraft(r.Context(), st.house.ID, token)
	if err != nil || !found || f.Person != st.who.Person {
		return nil, false, err
	}
	st.site.web.Remove(r.Context(), keyHanded)
	return f.Values, true, st.site.c.Sessions.DropDraft(r.Context(), token)
}
