package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"

	"yumen/registrar/accounts"
	"yumen/registrar/actor"
)

// What a browser session holds. Little, because the last write of two parallel
// requests wins: carts, forms and messages are kept elsewhere.
const (
	keyToken   = "token"   // of the sign-in (accounts)
	keyHalf    = "half"    // of a sign-in that waits for its second factor
	keyPending = "pending" // of a mailed code that is waited for
	keyVisitor = "visitor" // of a cart filled before anybody signed in
	keyDraft   = "draft"   // of a form kept until its sender has signed in
	keyHanded  = "handed"  // of what the next page shows once
	keyLast    = "last"    // who was signed in last: whose a form is that comes after their session
)

// cookieLife is how long a browser keeps the cookie; the sign-in behind it
// ends earlier by its own terms.
const cookieLife = 30 * 24 * time.Hour

func (s *Site) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.c.Sessions
	m.Codec = codec{}
	m.Lifetime = cookieLife
	m.HashTokenInStore = true
	m.Cookie.Name = s.cookieName("yumen")
	m.Cookie.Secure = s.secure
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	return m
}

// cookieName binds a cookie to this host alone where the site is served over
// https: a __Host- cookie has no Domain and cannot be set by a sister host.
func (s *Site) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// codec writes a session as one JSON object with fixed fields. A field it does
// not know is dropped, so that old cookies go on after a change.
type codec struct{}

type kept struct {
	Deadline int64  `json:"deadline"` // Unix milliseconds
	Token    string `json:"token,omitempty"`
	Half     string `json:"half,omitempty"`
	Pending  string `json:"pending,omitempty"`
	Visitor  string `json:"visitor,omitempty"`
	Draft    string `json:"draft,omitempty"`
	Handed   string `json:"handed,omitempty"`
	Last     string `json:"last,omitempty"`
}

func (k *kept) fields() map[string]*string {
	return map[string]*string{keyToken: &k.Token, keyHalf: &k.Half, keyPending: &k.Pending, keyVisitor: &k.Visitor, keyDraft: &k.Draft, keyHanded: &k.Handed, keyLast: &k.Last}
}

// Encode is scs.Codec's.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	k := kept{Deadline: deadline.UnixMilli()}
	for key, field := range k.fields() {
		if v, ok := values[key].(string); ok {
			*field = v
		}
	}
	return json.Marshal(k)
}

// Decode is scs.Codec's.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	var k kept
	if err := json.Unmarshal(b, &k); err != nil {
		return time.Time{}, nil, err
	}
	values := map[string]any{}
	for key, field := range k.fields() {
		if *field != "" {
			values[key] = *field
		}
	}
	return time.UnixMilli(k.Deadline).UTC(), values, nil
}

// Begin makes the browser carry a sign-in: whole, or half until its second
// factor was given. The session gets a new token, so that one planted before
// is worth nothing.
func Begin(r *http.Request, b accounts.Begun) error {
	s := of(r).site
	if err := s.web.RenewToken(r.Context()); err != nil {
		return err
	}
	s.web.Remove(r.Context(), keyPending)
	if b.Half {
		s.web.Put(r.Context(), keyHalf, b.Token)
		return nil
	}
	s.web.Remove(r.Context(), keyHalf)
	s.web.Put(r.Context(), keyToken, b.Token)
	s.web.Put(r.Context(), keyLast, strconv.FormatInt(b.Person, 10))
	return nil
}

// Become makes the rest of this request act as the person whose sign-in Begin
// was given: for taking a cart over.
func Become(r *http.Request) (actor.Actor, error) {
	st := of(r)
	signed, err := accounts.SignedFor(r.Context(), st.site.c.DB, st.house.ID, st.site.web.GetString(r.Context(), keyToken), st.who.IP)
	if err != nil {
		return actor.Actor{}, err
	}
	lang, visitor, browser := st.who.Lang, st.who.Visitor, st.who.Browser
	st.who, st.shown = signed.Actor, signed.Shown
	st.who.Lang, st.who.Visitor, st.who.Browser = lang, visitor, browser
	return st.who, nil
}

// Renew gives the browser's session a new token after its holder proved
// themself once more; the one before is void.
func Renew(r *http.Request) error { return of(r).site.web.RenewToken(r.Context()) }

const (
	knownCookie = "known"
	maxMark     = 200 // bytes of a mark that are worth looking at
)

// Know makes the browser keep the mark of who signed in with it (accounts.Mark).
// It outlives the session and opens nothing.
func Know(w http.ResponseWriter, r *http.Request, mark string) {
	if st := of(r); mark != st.who.Browser {
		http.SetCookie(w, st.site.cookie(knownCookie, mark, choiceLife))
	}
}

// browser is the mark the browser carries; accounts looks whose it is.
func (s *Site) browser(r *http.Request) string {
	c, err := r.Cookie(s.cookieName(knownCookie))
	if err != nil || len(c.Value) > maxMark {
		return ""
	}
	return c.Value
}

// Forget ends the browser's session: nothing of the person stays behind. A form
// that waits for somebody else goes on waiting for them.
func Forget(r *http.Request) error {
	st := of(r)
	others, err := st.othersDraft(r)
	if err == nil && others == "" {
		err = st.dropDraft(r)
	}
	if err != nil {
		return err
	}
	st.who = actor.Actor{House: st.house.ID, IP: st.who.IP, Lang: st.who.Lang, Browser: st.who.Browser}
	if err := st.site.web.Destroy(r.Context()); err != nil || others == "" {
		return err
	}
	st.site.web.Put(r.Context(), keyDraft, others) // in a session of its own
	return nil
}

// Half is the token of a sign-in that waits for its second factor.
func Half(r *http.Request) string { return of(r).site.web.GetString(r.Context(), keyHalf) }

// Pending is the token of the mailed code this browser waits for.
func Pending(r *http.Request) string { return of(r).site.web.GetString(r.Context(), keyPending) }

// Await remembers which mailed code this browser waits for; empty forgets it.
func Await(r *http.Request, token string) {
	s := of(r).site
	if token == "" {
		s.web.Remove(r.Context(), keyPending)
		return
	}
	s.web.Put(r.Context(), keyPending, token)
}

// Visitor is the actor with a token for the cart of somebody not signed in,
// made when there is none yet.
func Visitor(r *http.Request) actor.Actor {
	st := of(r)
	if st.who.Visitor == "" && !st.who.SignedIn() {
		st.who.Visitor = accounts.NewVisitor()
		st.site.web.Put(r.Context(), keyVisitor, st.who.Visitor)
	}
	return st.who
}

// DropVisitor forgets the visitor's cart token once the cart was taken over.
func DropVisitor(r *http.Request) {
	st := of(r)
	st.who.Visitor = ""
	st.site.web.Remove(r.Context(), keyVisitor)
}
