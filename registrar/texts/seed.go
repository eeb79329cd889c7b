package texts

import (
	"embed"
	"fmt"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
)

//go:embed defaults/*.txt
var defaults embed.FS

// Facts fill the gaps of the texts the program ships.
type Facts struct {
	RegistrarZh, RegistrarEn string // full name
	Permit                   string // permit number
	ContactZh, ContactEn     string // for questions about personal data
	// Agency says, in a reseller's house, for whom it acts (Order 43 art. 20);
	// empty in the registrar's own.
	AgencyZh, AgencyEn string
}

// Ending is an ending whose rules and consents are to be published.
type Ending struct {
	ALabel, ULabel           string
	Rules                    string // which shipped rules: "cnnic", "gtld" or "zhaopin"
	RegistryZh, RegistryEn   string
	ContactZh, ContactEn     string // the registry's contact for personal data
	PlaceZh, PlaceEn         string // where the registry sits
	Abroad                   bool   // outside mainland China: a cross-border consent is needed
	Grace, Redemption, Purge int    // days after expiry: grace, redemption, pendingDelete
}

// Seed publishes the shipped agreement and privacy notice for a house, and for
// the registrar's own the consent to handle sensitive data. What a house
// already has is left alone, so that it may run at every start.
func Seed(tx *db.Tx, house int64, f Facts) error {
	files := []string{"agreement", "privacy"}
	if house == actor.RootHouse {
		files = append(files, "consent_sensitive")
	}
	kinds := map[string]string{"agreement": Agreement, "privacy": Privacy, "consent_sensitive": Sensitive}
	must := []string{f.RegistrarZh, f.Permit}
	if house != actor.RootHouse {
		must = append(must, f.AgencyZh, "代理") // M-25
	}
	for _, file := range files {
		names := must
		if file == "consent_sensitive" {
			names = must[:1]
		}
		if err := seed(tx, house, kinds[file], file, names, f.gaps()); err != nil {
			return err
		}
	}
	return nil
}

// SeedEnding publishes the shipped rules and consents of an ending in the
// registrar's house, unless they are there.
func SeedEnding(tx *db.Tx, f Facts, e Ending) error {
	gaps := append(f.gaps(),
		gapText{"ending", e.ULabel, e.ULabel}, gapText{"registry", e.RegistryZh, e.RegistryEn}, gapText{"registry_contact", e.ContactZh, e.ContactEn},
		gapText{"place", e.PlaceZh, e.PlaceEn}, gapText{"grace", fmt.Sprint(e.Grace), fmt.Sprint(e.Grace)},
		gapText{"redemption", fmt.Sprint(e.Redemption), fmt.Sprint(e.Redemption)}, gapText{"pending_delete", fmt.Sprint(e.Purge), fmt.Sprint(e.Purge)})
	must := []string{e.RegistryZh}
	if err := seed(tx, actor.RootHouse, Rules(e.ALabel), "rules_"+e.Rules, must, gaps); err != nil {
		return err
	}
	if err := seed(tx, actor.RootHouse, ToRegistry(e.ALabel), "consent_registry", must, gaps); err != nil || !e.Abroad {
		return err
	}
	return seed(tx, actor.RootHouse, CrossBorder(e.ALabel), "consent_crossborder", append(must, e.PlaceZh), gaps)
}

type gapText struct{ name, zh, en string }

func (f Facts) gaps() []gapText {
	return []gapText{
		{"registrar", f.RegistrarZh, f.RegistrarEn}, {"permit", f.Permit, f.Permit},
		{"contact", f.ContactZh, f.ContactEn}, {"agency", f.AgencyZh, f.AgencyEn},
	}
}

func seed(tx *db.Tx, house int64, kind, file string, must []string, gaps []gapText) error {
	if _, ok, err := newest(tx, house, kind); err != nil || ok {
		return err
	}
	d := Draft{House: house, Kind: kind, MustName: must}
	for _, side := range []struct {
		lang        string
		title, body *string
	}{{"zh", &d.TitleZh, &d.BodyZh}, {"en", &d.TitleEn, &d.BodyEn}} {
		raw, err := defaults.ReadFile("defaults/" + file + "." + side.lang + ".txt")
		if err != nil {
			return fmt.Errorf("texts: seed %s: %w", kind, err)
		}
		text := string(raw)
		for _, g := range gaps {
			value := g.zh
			if side.lang == "en" {
				value = g.en
			}
			if value == "" && g.name != "agency" {
				continue // Publish names the gap that is left
			}
			text = strings.ReplaceAll(text, "{"+g.name+"}", value)
		}
		*side.title, *side.body, _ = strings.Cut(strings.TrimSpace(text), "\n")
	}
	if _, err := Publish(tx, actor.System(house, "texts", "shipped with the program"), d); err != nil {
		return fmt.Errorf("texts: seed %s: %w", kind, err)
	}
	return nil
}
