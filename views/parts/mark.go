package parts

import "context"

// MarkField is the name of the field that says whose page a form stands on.
const MarkField = "as"

type markKey struct{}

// WithMark makes the forms of a page carry the mark of the person it is made
// for; mark is asked when the first form is drawn. Empty: there is no such person.
func WithMark(ctx context.Context, mark func() string) context.Context {
	return context.WithValue(ctx, markKey{}, mark)
}

func markOf(ctx context.Context) string {
	if mark, ok := ctx.Value(markKey{}).(func() string); ok {
		return mark()
	}
	return ""
}
