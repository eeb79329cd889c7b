package calendar_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"yumen/testkit/duty"
)

// bareDeadlines finds deadlines written as a number into the source: a term
// handed to calendar.In as a literal instead of a policy value with its clause,
// or days added to an instant past this package. Cut-offs in the past (negative
// days, for clearing up) are no deadlines.
func bareDeadlines(file *ast.File) []ast.Node {
	var found []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, _ := sel.X.(*ast.Ident)
		switch {
		case pkg != nil && pkg.Name == "calendar" && sel.Sel.Name == "In" && len(call.Args) == 4 && positive(call.Args[1]):
			found = append(found, call)
		case sel.Sel.Name == "AddDate" && len(call.Args) == 3 && positive(call.Args[2]):
			found = append(found, call)
		case sel.Sel.Name == "AddWorking" && len(call.Args) == 1 && positive(call.Args[0]):
			found = append(found, call)
		}
		return true
	})
	return found
}

func positive(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.INT && lit.Value != "0"
}

func TestM79_ADeadlineWrittenAsABareNumberIsRefused(t *testing.T) {
	set := token.NewFileSet()
	for _, c := range []struct {
		line string
		want int
	}{
		{"due := tx.Now.AddDate(0, 0, 20)", 1},
		{"due := calendar.In(tx.Now, 20, calendar.CalendarDays, \"Order 43 art. 17\")", 1},
		{"due, _ := today.AddWorking(5)", 1},
		{"due := term.Deadline(tx.Now)", 0},
		{"due := calendar.In(tx.Now, int(term.Value), term.Unit, term.Source)", 0},
		{"old := tx.Now.AddDate(0, 0, -1)", 0},
	} {
		file, err := parser.ParseFile(set, "", "package x\nfunc f() { "+c.line+" }", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(bareDeadlines(file)); got != c.want {
			t.Errorf("%s: %d bare deadlines, want %d", c.line, got, c.want)
		}
	}

	files := 0
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if strings.HasPrefix(path, filepath.Join("..", "calendar")) {
			return nil
		}
		files++
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, n := range bareDeadlines(file) {
			t.Errorf("%s writes a deadline as a number: take a policy value", set.Position(n.Pos()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	duty.ProveRefusal(t, "M-79", fmt.Sprintf("three bare deadlines found in examples, none in %d files of the business", files))
}
