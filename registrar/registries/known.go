package registries

// cnnicDocuments are CNNIC's words for our kinds of documents. Its own list is
// not public; these are the ones seen in use (to be confirmed with the
// contract).
var cnnicDocuments = map[string]string{
	"CN_ID":            "SFZ",
	"PASSPORT":         "HZ",
	"HKMO_PERMIT":      "GAJMTX",
	"TW_PERMIT":        "TWJMTX",
	"HKMOTW_RESIDENCE": "GAJZZ",
	"FOREIGN_PR":       "WJLSFZ",
	"BIZ_LICENSE":      "YYZZ",
	"USCC_CERT":        "TYDMZ",
	"ORG_CODE":         "ORG",
	"PUBLIC_INST":      "SYZS",
	"MIL_CODE":         "BDDM",
	"OVERSEAS_ORG":     "QT",
	"OTHER":            "QT",
}

// restricted are the five paragraphs of art. 18 of the .招聘 rules, as marks of
// a reason (to be confirmed with the contract).
var restricted = []string{"R1", "R2", "R3", "R4", "R5"}

// Known gives the settings of a registry by the name of its rules: "zhaopin",
// "cnnic", "codes" (the gTLDs that ask for verification codes) or "thin" (a
// registry without contacts). purveyor is who a registry shall know as the
// agent. ok is false for rules nobody here knows.
func Known(rules, purveyor string) (s Settings, ok bool) {
	switch rules {
	case "zhaopin":
		s = Settings{Roles: []string{"admin", "tech", "billing"}, SendFee: true, Classes: restricted}
	case "cnnic":
		s = Settings{Roles: []string{"admin", "tech", "billing"}, SendFee: true, Extension: CNNIC, Purveyor: purveyor,
			DocumentCodes: cnnicDocuments}
	case "codes":
		s = Settings{SendFee: true}
	case "thin":
		s = Settings{SendFee: true, NoContacts: true}
	default:
		return Settings{}, false
	}
	s.Prefaces = []string{"Registration refused: ", "Contact refused: ", "More is needed: "}
	return s.withDefaults(), true
}
