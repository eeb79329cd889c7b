package identity

import "testing"

func TestChineseIsProposedInLatinLetters(t *testing.T) {
	for _, c := range []struct {
		name, text string
		person     bool
		want       string
	}{
		{"surname and given name", "张丽娟", true, "Zhang Lijuan"},
		{"a surname of two characters", "欧阳修远", true, "Ouyang Xiuyuan"},
		{"two characters are one surname and one given name", "欧阳", true, "Ou Yang"},
		{"a surname with its own reading", "单雄信", true, "Shan Xiongxin"},
		{"the same character elsewhere", "张单", true, "Zhang Dan"},
		{"a transliterated name has no surname in front", "迪丽热巴·迪力木拉提", true, "Dilirebadilimulati"},
		{"a passport's name stays", "ZHANG LIJUAN", true, "ZHANG LIJUAN"},
		{"an organisation, brackets close", "示例域名(北京)有限公司", false, "Shi Li Yu Ming (Bei Jing) You Xian Gong Si"},
		{"an address with digits", "示例路12号B座", false, "Shi Li Lu 12 Hao B Zuo"},
		{"nothing", "", false, ""},
	} {
		if got := latin(c.text, c.person); got != c.want {
			t.Errorf("%s: %s becomes %q, want %q", c.name, c.text, got, c.want)
		}
	}
	for text, want := range map[string]string{"深圳市": "Shenzhen", "陕西省": "Shaanxi", "重庆市": "Chongqing", "新疆维吾尔自治区": "Xinjiang", "长沙市": "Changsha"} {
		if got := placeLatin(text); got != want {
			t.Errorf("%s becomes %q, want %q", text, got, want)
		}
	}
	for code, want := range map[string][3]string{"440305": {"广东省", "深圳市", "南山区"}, "110108": {"北京市", "北京市", "海淀区"}, "999999": {}} {
		p, c, d := place(code)
		if [3]string{p, c, d} != want {
			t.Errorf("%s is %s %s %s", code, p, c, d)
		}
	}
}
