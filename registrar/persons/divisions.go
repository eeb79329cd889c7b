package persons

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen -from=${CHINA_DIVISION} -to divisions.txt

// DivisionsOrigin says where the list of divisions comes from and how old it
// is, for the page that shows what the checks rest on. The bureau no longer
// publishes the series: later changes come from the Ministry of Civil Affairs
// and are kept in overrides.txt.
const DivisionsOrigin = "china-division 2.7.0 (WTFPL v2), National Bureau of Statistics 2023, as of 2023-06-30"

//go:embed divisions.txt
var divisionLines string

//go:embed overrides.txt
var overrideLines string

// Division is a province, a city or a county of China.
type Division struct {
	Code string // six digits: 440000, 440300, 440305
	Name string // 广东省, 深圳市, 南山区
}

// divisionList holds every division by code, the codes in order, so that what
// lies below a division stands together.
type divisionList struct {
	names map[string]string
	codes []string
}

// divisions reads the list when it is first asked for.
var divisions = sync.OnceValue(func() divisionList {
	list := divisionList{names: make(map[string]string, 3400)}
	for _, lines := range []string{divisionLines, overrideLines} {
		for line := range strings.Lines(lines) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			code, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok || len(code) != 6 {
				panic(fmt.Sprintf("persons: %q is no line of divisions", line))
			}
			list.names[code] = name
		}
	}
	list.codes = slices.Sorted(maps.Keys(list.names))
	return list
})

// Provinces are the divisions of the first level, in order of their codes.
func Provinces() []Division {
	return below("", "0000")
}

// Cities are the divisions of the second level in a province. A province that
// has none offers itself, so that every form can be finished.
func Cities(province string) []Division {
	code := fullCode(province)
	if !ValidDivision(code) {
		return nil
	}
	return orSelf(below(code[:2], "00"), code)
}

// Areas are the divisions of the third level in a city. A city that has none
// (东莞) offers itself.
func Areas(city string) []Division {
	code := fullCode(city)
	if !ValidDivision(code) {
		return nil
	}
	return orSelf(below(code[:4], ""), code)
}

// below lists what begins with prefix and ends with zeros, without the division
// prefix itself stands for.
func below(prefix, zeros string) []Division {
	list := divisions()
	first, _ := slices.BinarySearch(list.codes, prefix)
	var found []Division
	for _, code := range list.codes[first:] {
		if !strings.HasPrefix(code, prefix) {
			break
		}
		if strings.HasSuffix(code, zeros) && code != fullCode(prefix) && (zeros != "" || code[4:] != "00") {
			found = append(found, Division{code, list.names[code]})
		}
	}
	return found
}

func orSelf(found []Division, code string) []Division {
	if len(found) == 0 {
		return []Division{{code, divisions().names[code]}}
	}
	return found
}

// ValidDivision says whether a code of two, four or six digits is in the list.
// Never a reason to refuse a document: people keep codes that were abolished.
func ValidDivision(code string) bool {
	_, ok := divisions().names[fullCode(code)]
	return ok
}

// DivisionName is the name of a division alone (南山区), or empty.
func DivisionName(code string) string { return divisions().names[fullCode(code)] }

// DivisionPath are the names from the province down to the division: 广东省,
// 深圳市, 南山区. The filler 市辖区 of municipalities is left out, as in every
// written address. Empty when the code is not in the list.
func DivisionPath(code string) []string {
	full := fullCode(code)
	if !ValidDivision(full) {
		return nil
	}
	var path []string
	for _, c := range slices.Compact([]string{full[:2] + "0000", full[:4] + "00", full}) {
		name := DivisionName(c)
		if name != "" && name != "市辖区" && name != "县" && !strings.HasSuffix(name, "直辖县级行政区划") {
			path = append(path, name)
		}
	}
	return path
}

// fullCode writes codes of two and four digits with their zeros; anything else
// comes back as it is and is in no list.
func fullCode(code string) string {
	if len(code) == 2 || len(code) == 4 {
		return code + strings.Repeat("0", 6-len(code))
	}
	return code
}
