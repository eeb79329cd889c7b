package registries_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/registrar/names"
	"yumen/registrar/registries"
)

// Which names go with a name is the registry's word, also where ours would be
// others.
func TestComplaint14_TheMembersOfABundleAreThoseTheRegistryNames(t *testing.T) {
	const b, cdn = `xmlns:b="urn:ietf:params:xml:ns:epp:b-dn"`, `xmlns:c="urn:ietf:params:xml:ns:cdn-1.0"`
	a := func(list ...string) (out []string) {
		for _, s := range list {
			out = append(out, names.MustParse(s).A())
		}
		return out
	}
	for _, c := range []struct {
		what, info, create string
		want, made         []string
	}{
		{"nothing", "", "", nil, nil},
		{"RFC 9095, fewer than ours", `<b:infData ` + b + `><b:bundle><b:rdn>xn--gmq009bygv.xn--fiqs8s</b:rdn></b:bundle></b:infData>`,
			`<b:creData ` + b + `><b:bundle><b:rdn>xn--gmq009bygv.xn--fiqs8s</b:rdn></b:bundle></b:creData>`, a("人才网.中国"), a("人才网.中国")},
		{"RFC 9095, one that is no variant", `<b:infData ` + b + `><b:bundle><b:rdn>xn--gmq009bygv.xn--fiqs8s</b:rdn><b:bdn uLabel="人才网.cn">xn--gmq009bygv.cn</b:bdn></b:bundle></b:infData>`,
			"", a("人才网.中国", "人才网.cn"), nil},
		{"cdn-1.0, the ending in both forms", `<c:infData ` + cdn + `><c:OCDNPunycode>xn--gmq009bygv.xn--fiqs8s</c:OCDNPunycode><c:SCDN>人才网.中国</c:SCDN><c:TCDN>人才網.中國</c:TCDN>` +
			`<c:TCDNPunycode>` + a("人才網.中國")[0] + `</c:TCDNPunycode><c:VCDNList><c:VCDN>人纔网.中国</c:VCDN><c:VCDNPunycode>` + a("人纔网.中国")[0] + `</c:VCDNPunycode></c:VCDNList></c:infData>`,
			`<c:creData ` + cdn + `><c:SCDN>人才网.中国</c:SCDN><c:TCDN>人才網.中國</c:TCDN></c:creData>`,
			a("人才网.中国", "人才網.中國", "人纔网.中国"), a("人才网.中国", "人才網.中國")},
		{"cdn-1.0, what is no name", `<c:infData ` + cdn + `><c:SCDN>人 才</c:SCDN><c:TCDN>xn--</c:TCDN></c:infData>`, "", a("人才网.中国"), nil},
	} {
		now := epp.At(time.Now())
		later := epp.At(time.Now().AddDate(1, 0, 0))
		set := liar(t, func(cmd epp.Command) epp.Response {
			said, r := c.info, epp.Response{}
			if _, create := cmd.Object.(*epp.DomainCreate); create {
				said, r = c.create, epp.Reply(epp.Done, "", &epp.DomainCreData{Name: "xn--gmq009bygv.xn--fiqs8s", CrDate: now, ExDate: &later})
			} else {
				r = epp.Reply(epp.Done, "", &epp.DomainInfData{Name: "xn--gmq009bygv.xn--fiqs8s", ROID: "D1-X", ClID: "yumen", CrDate: &now, ExDate: &later})
			}
			if said != "" {
				x, err := epp.ParseRaw(said)
				if err != nil {
					t.Errorf("%s: %v", c.what, err)
				}
				r.Extensions = append(r.Extensions, x)
			}
			return r
		})
		d, err := set.Domain(context.Background(), "thin", "xn--gmq009bygv.xn--fiqs8s")
		if err != nil || !slices.Equal(d.Bundle, c.want) {
			t.Errorf("%s: the info says %v, want %v (%v)", c.what, d.Bundle, c.want, err)
		}
		ans := set.CreateDomain(context.Background(), registries.Attempt{ID: 1, Registry: "thin", ClTRID: "YM-test-1"},
			registries.NewDomain{Name: names.MustParse("人才网.中国"), Years: 1})
		if ans.Outcome != registries.Done || !slices.Equal(ans.Result.Bundle, c.made) {
			t.Errorf("%s: the create says %v, want %v (%+v)", c.what, ans.Result.Bundle, c.made, ans)
		}
	}
}
