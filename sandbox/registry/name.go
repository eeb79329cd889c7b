package registry

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/idna"
)

// name is a second-level name under one of our endings, as the registry reads
// it: only parseName makes one.
type name struct {
	full   string // A-label form, lower case, no final dot
	label  string // its first label
	uLabel string // the same for people
	policy *Policy
	index  string   // equal for all forms that exclude each other
	bundle []string // other forms in A-labels, full names
}

// U is the full name for people.
func (n name) U() string { return n.uLabel + "." + n.policy.ULabel }

var (
	errNoEnding = errors.New("no such ending here")
	errInvalid  = errors.New("not a valid name")
)

// strict is registration's view of IDNA 2008.
var strict = idna.New(idna.ValidateForRegistration(), idna.StrictDomainName(true))

// parseName reads a name as it stands in a command: the A-label form.
func parseName(s string) (name, error) {
	full := strings.ToLower(s)
	label, ending, ok := strings.Cut(full, ".")
	if !ok {
		return name{}, errInvalid
	}
	n := name{full: full, label: label, uLabel: label}
	for i := range Policies {
		if Policies[i].Ending == ending {
			n.policy = &Policies[i]
		}
	}
	if n.policy == nil {
		return n, errNoEnding
	}
	if !ldh(label) {
		return n, errInvalid
	}
	n.index = label
	if !strings.HasPrefix(label, "xn--") {
		if len(label) < n.policy.MinASCII || len(label) > 3 && label[2:4] == "--" {
			return n, errInvalid
		}
		return n, nil
	}
	u, err := strict.ToUnicode(label)
	if err != nil || u == label {
		return n, errInvalid
	}
	if back, err := strict.ToASCII(u); err != nil || back != label {
		return n, errInvalid
	}
	n.uLabel = u
	if !slices.ContainsFunc([]rune(u), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return n, errInvalid
	}
	if n.policy.Bundle {
		forms, index, ok := variantsOf(u)
		if !ok {
			return n, errInvalid
		}
		n.index = index
		for _, f := range forms {
			a, err := strict.ToASCII(f)
			if err == nil && a != label && len(a) <= 63 {
				n.bundle = append(n.bundle, a+"."+ending)
			}
		}
	}
	return n, nil
}

// ldh: letters, digits and inner hyphens, 1 to 63.
func ldh(label string) bool {
	if len(label) < 1 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, c := range []byte(label) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// hostname says whether s can be a name server's name.
func hostname(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 || len(s) > 253 {
		return false
	}
	for _, l := range labels {
		if !ldh(l) {
			return false
		}
	}
	return true
}

// aLabel turns a name that a person typed into its A-label form.
func aLabel(s string) string {
	if a, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(s), ".")); err == nil {
		return a
	}
	return strings.ToLower(s)
}

//go:generate go run ./gen -from ../../../shared/data/idn/lgr-second-level-chinese-language-31may22-en.xml.gz -to variants.txt.gz

// variants.txt.gz is made by gen from the second-level Chinese label
// generation rules of 2022-05-31 (licence beside it); gen tells its lines.
//
//go:embed variants.txt.gz
var variantFile []byte

type variant struct {
	allowed           bool
	index, simp, trad rune // 0: none
}

var variantTable = sync.OnceValue(func() map[rune]variant {
	table := map[rune]variant{}
	z, err := gzip.NewReader(bytes.NewReader(variantFile))
	if err != nil {
		panic("registry: variants.txt.gz: " + err.Error()) // built in, so the build is wrong
	}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var at, to rune
		v, line := variant{}, lines.Text()
		if n, _ := fmt.Sscanf(line, "%x %t %x %x %x", &at, &v.allowed, &v.index, &v.simp, &v.trad); n == 5 {
			table[at] = v
			continue
		}
		if n, _ := fmt.Sscanf(line, "%x-%x", &at, &to); n == 1 {
			to = at
		} else if n != 2 {
			panic("registry: variants.txt.gz: " + line)
		}
		for ; at <= to; at++ {
			table[at] = variant{true, at, at, at}
		}
	}
	if err := lines.Err(); err != nil {
		panic("registry: variants.txt.gz: " + err.Error())
	}
	return table
})

// variantsOf gives the simplified and the traditional form of a label and its
// index; not ok when a character is not in the table.
func variantsOf(u string) (forms []string, index string, ok bool) {
	table := variantTable()
	var simp, trad, idx []rune
	for _, c := range u {
		v, known := table[c]
		if !known {
			if c == '-' || c < 0x80 {
				v = variant{true, c, c, c}
			} else {
				return nil, "", false
			}
		}
		if !v.allowed {
			return nil, "", false
		}
		idx = append(idx, v.index)
		for to, r := range map[*[]rune]rune{&simp: v.simp, &trad: v.trad} {
			if r != 0 {
				*to = append(*to, r)
			}
		}
	}
	n := len([]rune(u))
	for _, f := range [][]rune{simp, trad} {
		if len(f) == n && string(f) != u && !slices.Contains(forms, string(f)) {
			forms = append(forms, string(f))
		}
	}
	return forms, string(idx), true
}
