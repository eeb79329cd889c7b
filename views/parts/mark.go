package parts

import "context"

// What each form says of the page it stands on: whose it is, and its address,
// which the answer to a form that was refused does not have itself.
const (
	MarkField = "as"
	PageField = "at"
)

type markKey struct{}

// WithMark makes the forms of a page carry the mark of the person it is made for
// and the page's address; of is asked when a form is drawn. The mark is empty
// where there is no such person.
func WithMark(ctx context.Context, of func() (mark, page string)) context.Context {
	return context.WithValue(ctx, markKey{}, of)
}

func markOf(ctx context.Context) (mark, page string) {
	if of, ok := ctx.Value(markKey{}).(func() (mark, page string)); ok {
		return of()
	}
	return "", ""
}
