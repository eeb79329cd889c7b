package locales

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dynamic lists the beginnings of ids that come out of data, so that the reader
// of the source below cannot see them used.
var dynamic = []string{
	"mail.",
	"persons.doc.",
	"status.",
}

// TestEveryTextAskedForExistsAndEveryTextIsAskedFor reads the whole source. A
// text counts as used when its id stands in the program as a literal, or when
// the program puts an id together from a literal beginning ("search.state." + s).
func TestEveryTextAskedForExistsAndEveryTextIsAskedFor(t *testing.T) {
	root := ".."
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	messages := dictionaries()[Chinese].messages
	literals, prefixes := map[string]bool{}, slices.Clone(dynamic)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name := e.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "third_party") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s, ok := literal(n); ok {
					literals[s] = true
				}
			case *ast.BinaryExpr:
				if s, ok := literal(n.X); ok && n.Op == token.ADD && strings.HasSuffix(s, ".") {
					prefixes = append(prefixes, s)
				}
			case *ast.CallExpr:
				at := func() string { return set.Position(n.Pos()).String() }
				if id, args, ok := asksFor(n, "locales", "T", 1); ok {
					m := messages[id]
					if m == nil {
						t.Errorf("%s asks for %s, which does not exist", at(), id)
						return true
					}
					if given, readable := names(args); readable {
						if want := m.names; !slices.Equal(given, want) {
							t.Errorf("%s gives %v to %s, which wants %v", at(), given, id, want)
						}
					}
				}
				if id, _, ok := asksFor(n, "problem", "New", 1); ok && messages[id] == nil {
					t.Errorf("%s reports %s, which does not exist", at(), id)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range IDs() {
		if literals[id] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) {
			continue
		}
		t.Errorf("%s is never used", id)
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// asksFor recognises pkg.fn(.., "id", args...) with the id at position at.
func asksFor(call *ast.CallExpr, pkg, fn string, at int) (string, []ast.Expr, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != fn || len(call.Args) <= at {
		return "", nil, false
	}
	if x, ok := sel.X.(*ast.Ident); !ok || x.Name != pkg {
		return "", nil, false
	}
	id, ok := literal(call.Args[at])
	return id, call.Args[at+1:], ok
}

// names reads the placeholder names out of the argument pairs; not readable
// when a name is no literal or the arguments are spread.
func names(args []ast.Expr) ([]string, bool) {
	var found []string
	if len(args)%2 != 0 {
		return nil, false
	}
	for i := 0; i < len(args); i += 2 {
		s, ok := literal(args[i])
		if !ok {
			return nil, false
		}
		found = append(found, s)
	}
	slices.Sort(found)
	return found, true
}
