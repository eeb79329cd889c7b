// Package locales says everything in Chinese and in English.
//
// Texts lie in zh/AREA.toml and en/AREA.toml: the same areas, the same ids, the
// same placeholders. An id is flat, its dots are part of its name, and so it
// stands in quotes:
//
//	"order.paid" = "付款到账"
//	"order.due" = "请在 {{.Date}} 前付款"
//	"cart.names" = { one = "{{.Count}} name", other = "{{.Count}} names" }
//
// What languages write each in their way is left to them at the time of
// reading, so that a row kept in the database carries no language:
//
//	{{money .Currency .Total}}   an amount, "CNY" and "75.00": ¥75
//	{{money .Amount}}            the same in one, "CNY 75.00"
//	{{list .Names}}              words divided by spaces: a、b or a, b
//	{{colon .Words}}             a colon and the words; nothing when there are none
//
// Chinese has the plural form other alone; English has one and other. A text
// that counts is told the number as Count.
package locales

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed zh/*.toml en/*.toml
var texts embed.FS

// The two languages of the house. Chinese is the language of the law and the
// one we fall back on.
const (
	Chinese = "zh"
	English = "en"
)

type langKey struct{}

// WithLang says in which language everything below this context speaks:
// Chinese or English. Any other value counts as Chinese.
func WithLang(ctx context.Context, lang string) context.Context {
	if lang != English {
		lang = Chinese
	}
	return context.WithValue(ctx, langKey{}, lang)
}

// Lang is the language of a context, "zh" or "en"; "zh" when nothing was said.
func Lang(ctx context.Context) string {
	if lang, ok := ctx.Value(langKey{}).(string); ok {
		return lang
	}
	return Chinese
}

// Tag is the language of a context as HTML and HTTP spell it: zh-CN or en.
func Tag(ctx context.Context) string {
	if Lang(ctx) == English {
		return "en"
	}
	return "zh-CN"
}

// message is one text, ready to be filled in. A static text is one literal; a
// text with placeholders alternates literals and names; one that counts has
// such parts for each plural form, and go-i18n says which form counts.
type message struct {
	parts  []part            // of the form other
	byForm map[string][]part // nil unless it counts
	plural bool
	names  []string
	forms  map[string]string
}

// part is a literal and the placeholder behind it; say is how that is written
// ("" as it is), second the amount of money.
type part struct{ literal, say, name, second string }

type dictionary struct {
	messages  map[string]*message
	localizer *i18n.Localizer
	counted   sync.Map // the plural forms of small counts
}

var dictionaries = sync.OnceValue(func() map[string]*dictionary {
	dicts, err := build(texts)
	if err != nil {
		panic(err) // the texts are part of the program
	}
	return dicts
})

func build(from fs.FS) (map[string]*dictionary, error) {
	bundle := i18n.NewBundle(language.SimplifiedChinese)
	tags := map[string]language.Tag{Chinese: language.SimplifiedChinese, English: language.English}
	dicts := map[string]*dictionary{}
	for lang, tag := range tags {
		d := &dictionary{messages: map[string]*message{}, localizer: i18n.NewLocalizer(bundle, tag.String())}
		dicts[lang] = d
		files, err := fs.Glob(from, lang+"/*.toml")
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, file := range files {
			raw, err := fs.ReadFile(from, file)
			if err != nil {
				return nil, err
			}
			var tree map[string]any
			if err := toml.Unmarshal(raw, &tree); err != nil {
				return nil, fmt.Errorf("read %s: %w", file, err)
			}
			if err := d.add(file, "", tree); err != nil {
				return nil, err
			}
		}
		if err := bundle.AddMessages(tag, &i18n.Message{ID: formOf, One: "one", Other: "other"}); err != nil {
			return nil, fmt.Errorf("plural rules of %s: %w", lang, err)
		}
	}
	return dicts, nil
}

// formOf is a text of the library's own that says which form a count takes.
const formOf = "plural form"

var (
	pluralForms = []string{"zero", "one", "two", "few", "many", "other"}
	placeholder = regexp.MustCompile(`\{\{\s*(?:(list |colon )?\.(\w+)|(money) \.(\w+)(?: \.(\w+))?)\s*\}\}`)
)

// add takes the texts of one table in. Dotted keys without quotes nest in TOML;
// they mean the same ids.
func (d *dictionary) add(file, prefix string, tree map[string]any) error {
	for key, value := range tree {
		id := key
		if prefix != "" {
			id = prefix + "." + key
		}
		var forms map[string]string
		switch v := value.(type) {
		case string:
			forms = map[string]string{"other": v}
		case map[string]any:
			if forms = asForms(v); forms == nil {
				if err := d.add(file, id, v); err != nil {
					return err
				}
				continue
			}
		default:
			return fmt.Errorf("%s: %s is no text", file, id)
		}
		if d.messages[id] != nil {
			return fmt.Errorf("%s: %s stands in two files", file, id)
		}
		d.messages[id] = compile(forms, value)
	}
	return nil
}

// asForms tells a text in several plural forms from a group of texts.
func asForms(table map[string]any) map[string]string {
	forms := map[string]string{}
	for key, value := range table {
		text, ok := value.(string)
		if !ok || !slices.Contains(pluralForms, key) {
			return nil
		}
		forms[key] = text
	}
	return forms
}

func compile(forms map[string]string, value any) *message {
	_, single := value.(string)
	m := &message{forms: forms, plural: !single}
	seen := map[string]bool{}
	for _, text := range forms {
		for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
			for _, name := range []string{match[2], match[4], match[5]} {
				if name != "" {
					seen[name] = true
				}
			}
		}
	}
	m.names = slices.Sorted(maps.Keys(seen))
	m.parts = divide(forms["other"])
	if m.plural {
		m.byForm = map[string][]part{}
		for form, text := range forms {
			m.byForm[form] = divide(text)
		}
	}
	return m
}

// divide takes a text apart at its placeholders.
func divide(rest string) []part {
	var parts []part
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			return append(parts, part{literal: rest})
		}
		group := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return rest[at[2*n]:at[2*n+1]]
		}
		parts = append(parts, part{literal: rest[:at[0]], say: strings.TrimSpace(group(1)) + group(3), name: group(2) + group(4), second: group(5)})
		rest = rest[at[1]:]
	}
}

// T is a text in the language of the context. The arguments are pairs of a
// placeholder's name and its value:
//
//	locales.T(ctx, "order.due", "Date", locales.Date(ctx, due))
//
// An id that does not exist, or a placeholder that gets no value, stops a test;
// in production the id is shown and logged, once.
func T(ctx context.Context, id string, args ...any) string {
	d := dictionaries()[Lang(ctx)]
	m := d.messages[id]
	if m == nil {
		return complain(id, id, "no such text")
	}
	if len(m.names) == 0 && !m.plural {
		return m.parts[0].literal
	}
	if len(args)%2 != 0 {
		return complain(id, id, "arguments are not pairs")
	}
	if !m.plural {
		return fill(ctx, id, m.parts, args)
	}
	count, ok := lookup(args, "Count")
	if !ok {
		return complain(id, id, "no Count")
	}
	form, err := d.form(count)
	if err != nil {
		return complain(id, id, err.Error())
	}
	parts, ok := m.byForm[form]
	if !ok {
		parts = m.parts
	}
	return fill(ctx, id, parts, args)
}

func fill(ctx context.Context, id string, parts []part, args []any) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.literal)
		if p.name == "" {
			continue
		}
		value, ok := lookup(args, p.name)
		if !ok {
			return complain(id, b.String(), "no value for "+p.name)
		}
		switch p.say {
		case "money":
			code, amount, _ := strings.Cut(fmt.Sprint(value), " ")
			if p.second != "" {
				second, ok := lookup(args, p.second)
				if !ok {
					return complain(id, b.String(), "no value for "+p.second)
				}
				amount = fmt.Sprint(second)
			}
			b.WriteString(Decimal(ctx, code, amount))
		case "list":
			b.WriteString(List(ctx, strings.Fields(fmt.Sprint(value))))
		case "colon":
			b.WriteString(colon(ctx, fmt.Sprint(value)))
		default:
			if text, ok := value.(string); ok {
				b.WriteString(text)
			} else {
				fmt.Fprint(&b, value)
			}
		}
	}
	return b.String()
}

func lookup(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// form is the plural form that a count takes in this language. What the
// library says of small whole numbers, which nearly all are, is remembered.
func (d *dictionary) form(count any) (string, error) {
	small, remember := count.(int)
	remember = remember && 0 <= small && small < 1000
	if remember {
		if form, ok := d.counted.Load(small); ok {
			return form.(string), nil
		}
	}
	form, err := d.localizer.Localize(&i18n.LocalizeConfig{MessageID: formOf, PluralCount: count})
	if err == nil && remember {
		d.counted.Store(small, form)
	}
	return form, err
}

// Has says whether a text exists; for ids that come out of data, such as the
// codes of a registry.
func Has(id string) bool { return dictionaries()[Chinese].messages[id] != nil }

// Placeholders lists what a text has to be told, in order.
func Placeholders(id string) []string {
	if m := dictionaries()[Chinese].messages[id]; m != nil {
		return m.names
	}
	return nil
}

// IDs lists every text, in alphabetical order.
func IDs() []string { return slices.Sorted(maps.Keys(dictionaries()[Chinese].messages)) }

var complained sync.Map

// complain returns what to show instead of the text.
func complain(id, show, why string) string {
	if testing.Testing() {
		panic("locales: " + id + ": " + why)
	}
	if _, again := complained.LoadOrStore(id+why, true); !again {
		slog.Error("a text is missing", "id", id, "why", why)
	}
	return show
}

// Complaints lists the ids that were asked for in vain since the start; for
// tools that render every page and must not ship a gap.
func Complaints() []string {
	var ids []string
	complained.Range(func(key, _ any) bool {
		ids = append(ids, key.(string))
		return true
	})
	slices.Sort(ids)
	return ids
}

// Areas lists the file names (without .toml) of one language.
func Areas(lang string) []string {
	found, err := fs.Glob(texts, lang+"/*.toml")
	if err != nil {
		panic(err)
	}
	for i, file := range found {
		found[i] = strings.TrimSuffix(path.Base(file), ".toml")
	}
	return found
}
