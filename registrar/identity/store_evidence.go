package identity

import "yumen/db"

func upsertCheck(tx *db.Tx, c Check) error {
	_, err := tx.Exec(`INSERT INTO profile_checks (version, point, verdict, message, evidence, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (version, point) DO UPDATE SET verdict = excluded.verdict, message = excluded.message, evidence = excluded.evidence, at = excluded.at`,
		c.Version, c.Point, c.Verdict, c.Message, c.Evidence, c.At)
	return err
}

func clearChecks(tx *db.Tx, version int64) error {
	_, err := tx.Exec(`DELETE FROM profile_checks WHERE version = $1`, version)
	return err
}

func listChecks(tx *db.Tx, version int64) ([]Check, error) {
	return db.All[Check](tx, `SELECT version, point, verdict, message, evidence, at FROM profile_checks WHERE version = $1 ORDER BY at, point LIMIT 50`, version)
}

const contactColumns = `version, registry, house, contact, state, reason, since`

func findContact(tx *db.Tx, version int64, registry string) (RegistryContact, error) {
	return db.Get[RegistryContact](tx, `SELECT `+contactColumns+` FROM identity_contacts WHERE version = $1 AND registry = $2`, version, registry)
}

func findContactByID(tx *db.Tx, registry, contact string) (RegistryContact, error) {
	return db.Get[RegistryContact](tx, `SELECT `+contactColumns+` FROM identity_contacts WHERE registry = $1 AND contact = $2`, registry, contact)
}

func upsertContact(tx *db.Tx, c RegistryContact) error {
	_, err := tx.Exec(`INSERT INTO identity_contacts (version, registry, house, contact, state, reason, since) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (version, registry) DO UPDATE SET contact = excluded.contact, state = excluded.state, reason = excluded.reason, since = excluded.since`,
		c.Version, c.Registry, c.House, c.ContactID, string(c.State), c.Reason, c.Since)
	return err
}

func listContacts(tx *db.Tx, version int64) ([]RegistryContact, error) {
	return db.All[RegistryContact](tx, `SELECT `+contactColumns+` FROM identity_contacts WHERE version = $1 ORDER BY registry LIMIT 100`, version)
}

func insertDisclosure(tx *db.Tx, d Disclosure) error {
	_, err := tx.Exec(`INSERT INTO identity_disclosures (id, version, house, recipient, basis, fields, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.NewID(), d.Version, d.House, d.Recipient, d.Basis, d.Fields, tx.Now)
	return err
}

func listDisclosures(tx *db.Tx, profile int64) ([]Disclosure, error) {
	return db.All[Disclosure](tx, `SELECT version, house, recipient, basis, fields, at FROM identity_disclosures
		WHERE version IN (SELECT id FROM profile_versions WHERE profile = $1) ORDER BY id DESC LIMIT 500`, profile)
}
