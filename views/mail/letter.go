// Package mail makes letters of notices: the same words as text and as HTML,
// in the language of the person written to. Every letter names the house, its
// permit and its complaint phone, and says what it is about without secrets in
// the subject.
package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"yumen/locales"
)

// House is who writes.
type House struct {
	Name      string // as on the masthead
	Company   string // the legal entity
	Base      string // https://yumen.example.cn, without a slash at the end
	Permit    string // number of the permit; empty on a reseller's own letter
	Agency    string // the statement of agency of a reseller's house, else empty
	Telephone string // for complaints
}

// Letter is what goes to the mail server.
type Letter struct{ Subject, Text, HTML string }

// view is what the template shows.
type view struct {
	Lang    string
	House   House
	Subject string
	Parts   []part
}

// part is one paragraph; a Code stands alone and large, a Link is pressed.
type part struct {
	Text string
	Code string
	Link string
}

// Render makes the letter of one message: its texts are mail.MESSAGE.subject
// and mail.MESSAGE.body, whose paragraphs are divided by empty lines. A
// paragraph that is only a code or only a path of this site is set apart. An
// argument whose name ends in _ids holds message ids divided by spaces; their
// texts, one a line, stand for the placeholder without that ending.
func Render(lang, message string, args map[string]string, h House) (Letter, error) {
	ctx := locales.WithLang(context.Background(), lang)
	subject, body := "mail."+message+".subject", "mail."+message+".body"
	if !locales.Has(subject) || !locales.Has(body) {
		return Letter{}, fmt.Errorf("mail: no texts for %s", message)
	}
	pairs := make([]any, 0, 2*len(args)+2)
	for k, v := range args {
		if name, ok := strings.CutSuffix(k, "_ids"); ok {
			k, v = name, listOf(ctx, v)
		}
		pairs = append(pairs, k, v)
	}
	if _, given := args["House"]; !given {
		pairs = append(pairs, "House", h.Name)
	}
	v := view{Lang: locales.Tag(ctx), House: h, Subject: oneLine(locales.T(ctx, subject, pairs...))}
	for _, p := range strings.Split(locales.T(ctx, body, pairs...), "\n\n") {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		v.Parts = append(v.Parts, partOf(p, h.Base))
	}
	var html bytes.Buffer
	if err := letter(v).Render(ctx, &html); err != nil {
		return Letter{}, fmt.Errorf("mail: render %s: %w", message, err)
	}
	return Letter{Subject: v.Subject, Text: text(ctx, v), HTML: html.String()}, nil
}

func listOf(ctx context.Context, ids string) string {
	var lines []string
	for _, id := range strings.Fields(ids) {
		if locales.Has(id) {
			lines = append(lines, "· "+locales.T(ctx, id))
		}
	}
	return strings.Join(lines, "\n")
}

func partOf(p, base string) part {
	switch {
	case strings.HasPrefix(p, "/") && !strings.ContainsAny(p, " \n"):
		return part{Link: base + p}
	case strings.HasPrefix(p, "http") && !strings.ContainsAny(p, " \n"):
		return part{Link: p}
	case isCode(p):
		return part{Code: p}
	}
	return part{Text: p}
}

// isCode tells a mailed code: one word of digits, capitals and hyphens.
func isCode(p string) bool {
	return len(p) >= 6 && len(p) <= 24 && strings.Trim(p, "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ-") == ""
}

// oneLine keeps what a person typed (a name in a subject) from adding headers.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func text(ctx context.Context, v view) string {
	var sb strings.Builder
	for _, p := range v.Parts {
		sb.WriteString(p.Text + p.Code + p.Link + "\n\n")
	}
	sb.WriteString("--\n")
	for _, l := range foot(ctx, v.House) {
		sb.WriteString(l + "\n")
	}
	return sb.String()
}

// foot is what every letter says of the sender (Order 43 Art. 20(2), 22, 35).
func foot(ctx context.Context, h House) []string {
	lines := []string{h.Company}
	if h.Permit != "" {
		lines = append(lines, locales.T(ctx, "letter.permit", "Number", h.Permit))
	}
	if h.Agency != "" {
		lines = append(lines, h.Agency)
	}
	if h.Telephone != "" {
		lines = append(lines, locales.T(ctx, "letter.complaints", "Phone", h.Telephone))
	}
	return append(lines, locales.T(ctx, "letter.why"), h.Base)
}
