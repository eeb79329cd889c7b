package registry

import (
	"encoding/hex"
	"reflect"
	"slices"
	"strings"

	"yumen/protocols/epp"
)

// digestBytes by digest type (IANA's DS digest algorithms).
var digestBytes = map[uint8]int{1: 20, 2: 32, 3: 32, 4: 48}

// checkDS holds DS records against RFC 5910; this registry takes no key data.
func checkDS(x epp.SecDNSKeys) ([]epp.DSData, error) {
	if len(x.Keys) > 0 {
		return nil, refuse(epp.PolicyViolation, "dsData only")
	}
	var list []epp.DSData
	for _, ds := range x.DS {
		raw, err := hex.DecodeString(strings.TrimSpace(ds.Digest))
		switch {
		case ds.Alg == 0:
			return nil, refuse(epp.ValueSyntax, "alg")
		case digestBytes[ds.DigestType] == 0:
			return nil, refuse(epp.OutOfRange, "digestType")
		case err != nil || len(raw) != digestBytes[ds.DigestType]:
			return nil, refuse(epp.ValueSyntax, "digest")
		}
		ds.Digest = strings.ToUpper(hex.EncodeToString(raw))
		list = append(list, ds)
	}
	return list, nil
}

// sign changes a name's DS records: first away, then added.
func (d *Domain) sign(x *epp.SecDNSUpdate) error {
	if x.Rem != nil {
		if x.Rem.All {
			d.DS = nil
		}
		gone, err := checkDS(epp.SecDNSKeys{DS: x.Rem.DS, Keys: x.Rem.Keys})
		if err != nil {
			return err
		}
		for _, ds := range gone {
			i := slices.IndexFunc(d.DS, func(o epp.DSData) bool { return reflect.DeepEqual(o, ds) })
			if i < 0 {
				return refuse(epp.OutOfRange, "no such dsData")
			}
			d.DS = slices.Delete(d.DS, i, i+1)
		}
	}
	if x.Add != nil {
		more, err := checkDS(*x.Add)
		if err != nil {
			return err
		}
		d.DS = append(d.DS, more...)
	}
	if len(d.DS) > 8 {
		return refuse(epp.PolicyViolation, "at most 8 dsData")
	}
	return nil
}
