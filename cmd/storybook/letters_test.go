package main

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yumen/locales"
)

// TestEveryMessageHasALetter holds the letters against both ends: the texts, without
// which nothing can be sent, and the flows, which name what they owe.
func TestEveryMessageHasALetter(t *testing.T) {
	told := map[string]bool{}
	for _, l := range letters(locales.English) {
		told[l.message] = true
	}
	texts := 0
	for _, id := range locales.IDs() {
		message, of := strings.CutPrefix(id, "mail.")
		message, subject := strings.CutSuffix(message, ".subject")
		if !of || !subject {
			continue
		}
		texts++
		if !told[message] {
			t.Errorf("%s is in no letter", message)
		}
	}
	if texts != len(told) {
		t.Errorf("%d messages have texts, %d have letters", texts, len(told))
	}
	owed := owedMessages(t)
	if len(owed) < 20 {
		t.Errorf("only %d messages were found in the flows", len(owed))
	}
	for message, where := range owed {
		found := told[message]
		if head, family := strings.CutSuffix(message, "*"); family {
			for known := range told {
				found = found || strings.HasPrefix(known, head)
			}
		}
		if !found {
			t.Errorf("%s owes %s, which is in no letter", where, message)
		}
	}
	t.Logf("%d texts, %d letters, %d named in flows", texts, len(letters(locales.English)), len(owed))
}

var messageID = regexp.MustCompile(`^[a-z]+\.[a-z_]*$`)

// owedMessages reads in the flows what they hand to notices: the argument of a
// tell, the field Message of notices.Owed, the two of a code's letter, and what
// a method called letter gives back. A message put together of a family and a
// state is given as "family.*".
func owedMessages(t *testing.T) map[string]string {
	t.Helper()
	owed := map[string]string{}
	files := token.NewFileSet()
	take := func(e ast.Expr) {
		ends := ""
		if sum, ok := e.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
			e, ends = sum.X, "*"
		}
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if id, err := strconv.Unquote(lit.Value); err == nil && messageID.MatchString(id) {
			owed[id+ends] = files.Position(lit.Pos()).String()
		}
	}
	read := func(path string) {
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "tell" {
					for _, arg := range n.Args {
						take(arg)
					}
				}
			case *ast.CompositeLit:
				kind, _ := n.Type.(*ast.Ident)
				outer, _ := n.Type.(*ast.SelectorExpr)
				if !(kind != nil && kind.Name == "letter" || outer != nil && outer.Sel.Name == "Owed") {
					return true
				}
				for _, part := range n.Elts {
					if kv, ok := part.(*ast.KeyValueExpr); ok {
						if key, ok := kv.Key.(*ast.Ident); ok && slices.Contains([]string{"Message", "message", "instead"}, key.Name) {
							take(kv.Value)
						}
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "letter" && n.Body != nil {
					for _, s := range n.Body.List {
						if back, ok := s.(*ast.ReturnStmt); ok && len(back.Results) == 1 {
							take(back.Results[0])
						}
					}
				}
			}
			return true
		})
	}
	if err := filepath.WalkDir("../../registrar", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			read(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return owed
}

func TestEveryLetterSaysAllItHasInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, lang := range []string{locales.Chinese, locales.English} {
		for _, l := range letters(lang) {
			if seen[lang+l.name()] {
				t.Errorf("two letters are called %s", l.name())
			}
			seen[lang+l.name()] = true
			written, err := l.write(lang)
			if err != nil {
				t.Errorf("%s in %s: %v", l.name(), lang, err)
				continue
			}
			want := []string{l.from.Company, l.from.Complaints.Phone}
			if l.from.Agency != nil {
				want = append(want, l.from.Agency.Registrar)
			} else {
				want = append(want, "京D3-20990001")
			}
			for _, id := range []string{"mail." + l.message + ".subject", "mail." + l.message + ".body"} {
				for _, name := range locales.Placeholders(id) {
					value, given := l.args[name]
					if _, list := l.args[name+"_ids"]; !given && !list && name != "House" {
						t.Errorf("%s has no %s", l.name(), name)
					}
					switch name {
					case "Names", "Currency": // said in the way of the language
					case "Total", "Amount", "Old", "New", "Less": // and so is money, alone or with its currency
						code, amount, one := strings.Cut(value, " ")
						if !one {
							code, amount = l.args["Currency"], value
						}
						want = append(want, locales.Decimal(locales.WithLang(context.Background(), lang), code, amount))
					default:
						want = append(want, value)
					}
				}
			}
			for _, w := range want {
				if !strings.Contains(written.Subject+written.Text, w) {
					t.Errorf("%s in %s does not say %q:\n%s", l.name(), lang, w, written.Text)
				}
			}
			if strings.Contains(written.Text, "{{") || strings.Contains(written.Text, "_ids") {
				t.Errorf("%s in %s: %s", l.name(), lang, written.Text)
			}
		}
	}
	if gaps := locales.Complaints(); len(gaps) > 0 {
		t.Error(gaps)
	}
}

var linked = regexp.MustCompile(`<a href="([^"]+)"`)

// TestTheIndexLeadsEverywhereWithoutScript follows every link of the index and
// finds every file in it, marked as compared or as for the eye.
func TestTheIndexLeadsEverywhereWithoutScript(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, "", ""); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "<script") || strings.Contains(string(text), "style=") {
		t.Error("the index has a script or a style of its own")
	}
	links := map[string]bool{}
	for _, m := range linked.FindAllSubmatch(text, -1) {
		links[string(m[1])] = true
		if _, err := os.Stat(filepath.Join(dir, string(m[1]))); err != nil {
			t.Error(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if n := f.Name(); n != "index.html" && n != "yumen.css" && n != "mark.svg" && !links[n] {
			t.Errorf("the index does not lead to %s", n)
		}
	}
	if want := 4*len(stories()) + 4*len(letters("en")); len(links) != want {
		t.Errorf("%d links, want %d", len(links), want)
	}
	for line := range strings.Lines(string(text)) {
		m := linked.FindStringSubmatch(line)
		if m == nil || !strings.HasPrefix(line, "<tr>") {
			continue
		}
		name, _, _ := strings.Cut(m[1], ".")
		mark := ">for the eye<"
		if slices.Contains(referenced, name) {
			mark = ">reference<"
		}
		if !strings.Contains(line, mark) {
			t.Errorf("%s is not marked %s", name, mark)
		}
	}
}
