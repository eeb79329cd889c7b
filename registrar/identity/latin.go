package identity

import (
	"slices"
	"strings"
	"unicode"

	"yumen/registrar/names"
	"yumen/registrar/persons"
)

// surnames are read otherwise than the same character elsewhere.
var surnames = map[string]string{
	"单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "区": "ou", "盖": "ge", "查": "zha", "朴": "piao", "翟": "zhai", "乐": "yue",
	"尉迟": "yuchi", "冼": "xian", "覃": "qin", "缪": "miao", "任": "ren", "华": "hua", "黑": "he", "召": "shao", "秘": "bi", "员": "yun",
	"长孙": "zhangsun", "万俟": "moqi", "澹台": "tantai", "宿": "su", "折": "she", "种": "chong", "逄": "pang", "燕": "yan",
}

// compound surnames have two characters.
var compound = []string{
	"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "长孙", "宇文", "司徒", "令狐", "夏侯", "万俟", "澹台",
	"赫连", "独孤", "南宫", "端木", "申屠", "公冶", "太史", "轩辕", "钟离", "司空", "鲜于", "闻人", "呼延", "西门", "百里",
}

// latin writes Chinese text in Latin letters: a person's name as 张丽娟 -> Zhang
// Lijuan, all else word by word as 示例路 -> Shi Li Lu. Latin text stays. It is
// a proposal that the holder may correct.
func latin(s string, person bool) string {
	var words []string
	chars := []rune(s)
	if person {
		if surname := surnameOf(s); surname != "" {
			words = append(words, title(read1(surname)))
			chars = chars[len([]rune(surname)):]
		}
		var given strings.Builder
		for _, r := range chars {
			if reading := names.Reading(r); reading != "" {
				given.WriteString(reading)
			} else if r < unicode.MaxASCII {
				given.WriteRune(r)
			}
		}
		if given.Len() > 0 {
			words = append(words, title(given.String()))
		}
		return strings.Join(words, " ")
	}
	var run strings.Builder
	flush := func() {
		if run.Len() > 0 {
			words = append(words, run.String())
			run.Reset()
		}
	}
	for _, r := range chars {
		if reading := names.Reading(r); reading != "" {
			flush()
			words = append(words, title(reading))
			continue
		}
		switch {
		case r > unicode.MaxASCII, r == ' ':
			flush()
		default:
			run.WriteRune(r)
		}
	}
	flush()
	return strings.NewReplacer("( ", "(", " )", ")", " ,", ",", " .", ".").Replace(strings.Join(words, " "))
}

func surnameOf(s string) string {
	chars := []rune(s)
	if len(chars) < 2 || !unicode.Is(unicode.Han, chars[0]) || strings.ContainsRune(s, '·') {
		return ""
	}
	if len(chars) > 2 && slices.Contains(compound, string(chars[:2])) {
		return string(chars[:2])
	}
	return string(chars[:1])
}

func read1(surname string) string {
	if special := surnames[surname]; special != "" {
		return special
	}
	var sb strings.Builder
	for _, r := range surname {
		sb.WriteString(names.Reading(r))
	}
	return sb.String()
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// latinise fills the Latin fields that are empty. What the holder wrote stays.
func latinise(h persons.Holder, d *Data) {
	fill := func(to *string, text string) {
		if *to == "" {
			*to = text
		}
	}
	fill(&d.NameLatin, latin(d.Name, h == persons.Person))
	city, district := d.City, ""
	if d.Country == "CN" {
		var province string
		province, city, district = place(d.Division)
		fill(&d.ProvinceLatin, placeLatin(province))
		city = placeLatin(city)
	} else {
		city = latin(city, false)
	}
	fill(&d.CityLatin, city)
	street := latin(d.Street, false)
	if street != "" && district != "" {
		street += ", " + latin(district, false)
	}
	fill(&d.StreetLatin, street)
}

// unlatinise empties the Latin fields that only repeat what was proposed for
// before, so that a changed name or address gets a new proposal.
func unlatinise(h persons.Holder, before Data, d *Data) {
	proposed := before
	proposed.NameLatin, proposed.CityLatin, proposed.ProvinceLatin, proposed.StreetLatin = "", "", "", ""
	latinise(h, &proposed)
	for _, f := range []struct {
		now *string
		was string
	}{{&d.NameLatin, proposed.NameLatin}, {&d.CityLatin, proposed.CityLatin}, {&d.ProvinceLatin, proposed.ProvinceLatin}, {&d.StreetLatin, proposed.StreetLatin}} {
		if *f.now == f.was {
			*f.now = ""
		}
	}
}

// place is a division as an address has it: province, city, and what is below
// the city. In a municipality province and city are one.
func place(division string) (province, city, district string) {
	path := persons.DivisionPath(division)
	if len(path) == 0 {
		return "", "", ""
	}
	if slices.Contains([]string{"11", "12", "31", "50"}, division[:2]) {
		return path[0], path[0], strings.Join(path[1:], "")
	}
	if len(path) == 1 {
		return path[0], path[0], ""
	}
	return path[0], path[1], strings.Join(path[2:], "")
}

// placeLatin writes a place as one word without what it is: 深圳市 -> Shenzhen.
func placeLatin(name string) string {
	for _, kind := range []string{"维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市", "地区", "盟"} {
		if short, ok := strings.CutSuffix(name, kind); ok && len([]rune(short)) > 1 {
			name = short
			break
		}
	}
	var sb strings.Builder
	for _, r := range name {
		sb.WriteString(placeReading(name, r))
	}
	return title(sb.String())
}

// placeReading knows the places whose first reading is another.
func placeReading(name string, r rune) string {
	switch {
	case name == "陕西" && r == '陕':
		return "shaan" // told from 山西 Shanxi
	case strings.HasPrefix(name, "重庆") && r == '重':
		return "chong"
	case strings.HasPrefix(name, "长") && r == '长':
		return "chang"
	case strings.HasPrefix(name, "厦门") && r == '厦':
		return "xia"
	}
	return names.Reading(r)
}
