package main

import (
	"bufio"
	"fmt"
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
)

// source is what the rules look at in one file.
type source struct {
	file    string   // from the repository's root, with slashes
	imports []string // paths below "yumen/" without the prefix; outside paths as they are
	sql     bool     // a string literal that begins like a statement
	now     bool     // calls time.Now
	lines   int
}

func (s source) pkg() string { return filepath.ToSlash(filepath.Dir(s.file)) }

func under(pkg string, roots ...string) bool {
	for _, r := range roots {
		if pkg == r || strings.HasPrefix(pkg, r+"/") {
			return true
		}
	}
	return false
}

// allowed says which of our packages a package may import, and why. The first
// rule whose folder fits decides.
var allowed = []struct {
	folder string
	may    []string
	why    string
}{
	{"cmd/reconcile", nil, "the independent reader shares no code with what it checks"},
	{"cmd/yumen", []string{"docs", "handlers", "views", "static", "locales", "db", "registrar", "protocols", "sandbox", "jobs"}, "all parts meet here; what tests share stays out of the program"},
	{"cmd", []string{"cmd", "docs", "handlers", "views", "static", "locales", "db", "registrar", "protocols", "sandbox", "jobs", "testkit"}, "all parts meet here"},
	{"testkit", []string{"testkit", "db", "protocols", "sandbox", "locales"}, "tests drive the product from outside"},
	{"handlers/web/webtest", []string{"handlers", "registrar", "db", "locales", "testkit"}, "people of tests look at handlers through a browser"},
	{"handlers", []string{"handlers", "views", "registrar", "db", "locales", "static"}, "handlers translate; work is queued and wires are spoken below"},
	{"views", []string{"views", "registrar", "locales", "static"}, "views show"},
	{"registrar/accounts/accountstest", []string{"registrar", "db", "jobs", "locales"}, "people of tests read their letters"},
	{"registrar", []string{"registrar", "db", "jobs", "protocols"}, "the business stands on the database, the queue and the wires; words are said above"},
	{"jobs", []string{"db"}, "the queue is a table"},
	{"sandbox", []string{"sandbox", "protocols"}, "neither side may cover for the other's mistake"},
	{"db/dbtest", []string{"db"}, "test databases"},
	{"protocols", []string{"protocols"}, "wire formats know nothing of us"},
	{"db", []string{"db"}, "the database knows no table"},
	{"locales", []string{"locales"}, "texts know nothing of us"},
	{"static", []string{"static"}, "files know nothing of us"},
}

// rules returns what is wrong with one file, in words. order is the import
// order of registrar/doc.go.
func rules(s source, order []string) []string {
	var wrong []string
	pkg := s.pkg()
	for _, a := range allowed {
		if !under(pkg, a.folder) {
			continue
		}
		for _, imp := range s.imports {
			if !strings.HasPrefix(imp, "yumen/") {
				if a.folder == "cmd/reconcile" && strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") {
					wrong = append(wrong, s.file+" imports "+imp+": only the standard library")
				}
				continue
			}
			if imp = strings.TrimPrefix(imp, "yumen/"); !under(imp, a.may...) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", s.file, imp, a.why))
			}
		}
		break
	}
	if name, ok := business(pkg); ok {
		here := slices.Index(order, name)
		if here < 0 {
			wrong = append(wrong, s.file+": registrar/"+name+" has no line in registrar/doc.go")
		}
		for _, imp := range s.imports {
			other, ok := business(strings.TrimPrefix(imp, "yumen/"))
			if ok && other != name && slices.Index(order, other) >= here {
				wrong = append(wrong, fmt.Sprintf("%s imports registrar/%s, which does not stand above %s in doc.go", s.file, other, name))
			}
		}
	}
	for _, imp := range s.imports {
		if ours, ok := strings.CutPrefix(imp, "yumen/"); ok && forTests(ours) && !forTests(pkg) {
			wrong = append(wrong, s.file+" imports "+ours+": it is there for tests alone")
		}
	}
	for part := range strings.SplitSeq(pkg, "/") {
		if nameless[strings.TrimSuffix(part, "s")] {
			wrong = append(wrong, s.file+": "+part+" says nothing: name the folder by what it owns")
		}
	}
	if s.sql && !sqlPlace(s.file) {
		wrong = append(wrong, s.file+" holds SQL: it belongs into store.go or store_*.go of the package that owns the table")
	}
	if s.now && !under(pkg, "cmd", "db", "jobs", "sandbox", "testkit", "protocols") && !realTime[s.file] {
		wrong = append(wrong, s.file+" calls time.Now: take tx.Now or a clock")
	}
	if s.lines > 500 {
		wrong = append(wrong, fmt.Sprintf("%s has %d lines: split it by verb", s.file, s.lines))
	}
	return wrong
}

// nameless are the words, in the singular, that name no part of the trade.
var nameless = map[string]bool{"helper": true, "util": true, "common": true, "manager": true, "service": true, "repository": true, "misc": true, "lib": true}

// forTests reports a package that only tests import: dbtest, webtest.
func forTests(pkg string) bool {
	last := pkg[strings.LastIndex(pkg, "/")+1:]
	return len(last) > len("test") && strings.HasSuffix(last, "test")
}

// realTime lists the files outside the machinery that need the machine's own
// time: sockets, rate limits, latency.
var realTime = map[string]bool{
	"handlers/web/webtest/webtest.go": true, // cookies of browsers run on real time
	"registrar/calendar/clock.go":     true, // where the turnable clock is made
	"registrar/accounts/factor.go":    true, // a person's authenticator knows nothing of a turned clock
}

func business(pkg string) (string, bool) {
	rest, ok := strings.CutPrefix(pkg, "registrar/")
	if !ok {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return name, true
}

func sqlPlace(file string) bool {
	base := filepath.Base(file)
	store := base == "store.go" || strings.HasPrefix(base, "store_")
	// cmd/bench compares with bare database/sql.
	return under(filepath.Dir(file), "db", "jobs") || store && under(file, "registrar", "sandbox", "cmd/bench")
}

var statement = regexp.MustCompile(`(?is)^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)\s)`)

func read(t *testing.T, path, file string) source {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	s := source{file: file, lines: fset.Position(f.End()).Line}
	if strings.HasSuffix(file, "_templ.go") || strings.HasSuffix(file, ".gen.go") {
		s.lines = 0 // nobody reads generated files
	}
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		s.imports = append(s.imports, p)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if v, err := strconv.Unquote(n.Value); err == nil && statement.MatchString(v) {
					s.sql = true
				}
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && n.Sel.Name == "Now" {
				s.now = true
			}
		}
		return true
	})
	return s
}

// mapOf reads the import order from registrar/doc.go.
func mapOf(t *testing.T, root string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "registrar", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var order []string
	line := regexp.MustCompile(`^//\t([a-z]+) `)
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if m := line.FindStringSubmatch(sc.Text()); m != nil {
			order = append(order, m[1])
		}
	}
	return order
}

const root = "../.."

func TestTheTreeKeepsTheHouseRules(t *testing.T) {
	order := mapOf(t, root)
	var files int
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if e.IsDir() {
			if rel != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata" || e.Name() == "third_party") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		files++
		for _, w := range rules(read(t, path, rel), order) {
			t.Error(w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were read: the walk is broken", files)
	}
}

func TestEveryLineOfTheMapHasItsFolder(t *testing.T) {
	for _, name := range mapOf(t, root) {
		if _, err := os.Stat(filepath.Join(root, "registrar", name)); err != nil {
			t.Errorf("registrar/doc.go names %s, and there is no such folder", name)
		}
	}
}

func TestTheHouseRulesRefuseWrongExamples(t *testing.T) {
	order := []string{"problem", "names", "ledger", "orders"}
	for _, c := range []struct {
		name string
		s    source
		want string // part of the complaint; empty: allowed
	}{
		{"a handler may call a flow", source{file: "handlers/customer/order.go", imports: []string{"yumen/registrar/orders"}}, ""},
		{"a handler may not queue work", source{file: "handlers/customer/order.go", imports: []string{"yumen/jobs"}}, "handlers translate"},
		{"a handler may not speak EPP", source{file: "handlers/public/search.go", imports: []string{"yumen/protocols/epp"}}, "handlers translate"},
		{"a view may not read the database", source{file: "views/public/home.go", imports: []string{"yumen/db"}}, "views show"},
		{"a package may import what stands above it", source{file: "registrar/orders/place.go", imports: []string{"yumen/registrar/ledger"}}, ""},
		{"a package may not call downwards", source{file: "registrar/ledger/post.go", imports: []string{"yumen/registrar/orders"}}, "does not stand above"},
		{"a package needs its line in the map", source{file: "registrar/helpers/helpers.go"}, "no line"},
		{"the business may not know the sandbox", source{file: "registrar/orders/place.go", imports: []string{"yumen/sandbox"}}, "the business stands on"},
		{"the sandbox may not use the portal", source{file: "sandbox/registry/server.go", imports: []string{"yumen/registrar/names"}}, "neither side"},
		{"the reconciler imports nothing of ours", source{file: "cmd/reconcile/main.go", imports: []string{"yumen/db"}}, "shares no code"},
		{"the reconciler imports no module", source{file: "cmd/reconcile/main.go", imports: []string{"github.com/x/y"}}, "only the standard library"},
		{"the program carries nothing of the tests", source{file: "cmd/yumen/serve.go", imports: []string{"yumen/testkit/page"}}, "out of the program"},
		{"a package of tests is not imported by the business", source{file: "registrar/orders/place.go", imports: []string{"yumen/db/dbtest"}}, "for tests alone"},
		{"one package of tests may use another", source{file: "handlers/web/webtest/webtest.go", imports: []string{"yumen/db/dbtest"}}, ""},
		{"a folder is named by what it owns", source{file: "handlers/utils/strings.go"}, "says nothing"},
		{"SQL lies in the store", source{file: "registrar/orders/store_cart.go", sql: true}, ""},
		{"SQL lies nowhere else", source{file: "registrar/orders/place.go", sql: true}, "holds SQL"},
		{"nor in a handler", source{file: "handlers/public/store.go", sql: true}, "holds SQL"},
		{"the business takes tx.Now", source{file: "registrar/orders/place.go", now: true}, "time.Now"},
		{"a lease takes the machine's time", source{file: "jobs/queue.go", now: true}, ""},
		{"a file stays readable", source{file: "registrar/orders/place.go", lines: 900}, "900 lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(rules(c.s, order), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStatementsAreRecognisedAndProseIsNot(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT a FROM b WHERE c = $1":             true,
		"\n\tINSERT INTO x (a) VALUES":             true,
		"update t set a = 1":                       true,
		"delete from t":                            true,
		"Select your language from the list below": true, // better one rewording than one leak
		"update your profile":                      false,
		"delete this name":                         false,
	} {
		if got := statement.MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
