package parts

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"
)

// Field is one labelled control of a form. The value that came in is kept, so
// that a form that was refused comes back filled in; passwords and codes are the
// exception: leave Value empty for them.
type Field struct {
	Name         string           // the name in the form; also the id unless ID is set
	ID           string           // only when two fields of one page share a name
	Label        string           // what people and scripts know the field by
	Value        string           // what was typed
	Type         string           // text (default), email, tel, password, number, date, search
	Hint         string           // how to fill it in, before anyone errs
	Error        string           // what is wrong and how to put it right; empty when nothing is
	Placeholder  string           // an example, never the label
	Autocomplete string           // HTML autofill token, for example username, one-time-code
	InputMode    string           // numeric, email, tel
	MaxLength    int              // 0: none
	Rows         int              // height of an Area; 4 when 0
	Required     bool             // marked as such; checked by the server
	Optional     bool             // marked as such
	ReadOnly     bool             // shown, not to be changed
	Mono         bool             // codes and numbers
	Autofocus    bool             // one a page at most
	Attrs        templ.Attributes // htmx attributes
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "4"
	}
	return fmt.Sprint(f.Rows)
}

// attrs are those that all kinds of controls share.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name}
	set := func(key, value string) {
		if value != "" {
			a[key] = value
		}
	}
	var described []string
	if f.Hint != "" {
		described = append(described, f.id()+"-h")
	}
	if f.Error != "" {
		described = append(described, f.id()+"-e")
		a["aria-invalid"] = "true"
	}
	set("aria-describedby", strings.Join(described, " "))
	set("placeholder", f.Placeholder)
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.InputMode)
	if f.MaxLength > 0 {
		a["maxlength"] = fmt.Sprint(f.MaxLength)
	}
	a["required"] = f.Required
	a["readonly"] = f.ReadOnly
	a["autofocus"] = f.Autofocus
	for key, value := range f.Attrs {
		a[key] = value
	}
	return a
}

func (f Field) class() string {
	if f.Mono {
		return "input mono"
	}
	return "input"
}

// Option is one choice of a Select or Radios.
type Option struct {
	Value, Label string
	Note         string // what choosing it means; Radios only
	Group        string // options of the same group stand together; Select only
	Disabled     bool
}

type optionGroup struct {
	label   string
	options []Option
}

func grouped(options []Option) []optionGroup {
	var groups []optionGroup
	for _, o := range options {
		if n := len(groups); n > 0 && groups[n-1].label == o.Group {
			groups[n-1].options = append(groups[n-1].options, o)
			continue
		}
		groups = append(groups, optionGroup{o.Group, []Option{o}})
	}
	return groups
}

// Tick is one checkbox. A consent or a paid extra starts un-ticked: Checked is
// for giving back what a person ticked before, never for a proposal.
type Tick struct {
	Name, ID string // ID only when the name occurs more than once
	Value    string // "1" when empty
	Label    string
	Note     string // purpose, recipient, how long
	Error    string
	Checked  bool
	Required bool
	Link     templ.SafeURL // the text agreed to, shown after the label
	LinkText string
}

func (t Tick) id() string {
	if t.ID != "" {
		return t.ID
	}
	return t.Name
}

func (t Tick) value() string {
	if t.Value == "" {
		return "1"
	}
	return t.Value
}

func (t Tick) describedBy() string {
	var ids []string
	if t.Note != "" {
		ids = append(ids, t.id()+"-h")
	}
	if t.Error != "" {
		ids = append(ids, t.id()+"-e")
	}
	return strings.Join(ids, " ")
}

// FieldError is one line of the summary above a form: which field, what to do.
// Field is the id of the control; empty for what concerns no single one.
type FieldError struct{ Field, Text string }
