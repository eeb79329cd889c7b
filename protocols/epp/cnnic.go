package epp

// CNNIC's extensions. Their schemas are not public: the shapes are reconstructed from what clients send and expect, and
// unconfirmed. testdata/ holds schemas of our own that say the same.

// CNNICContactCreate goes with a contact create: the holder's kind and document (reconstructed schema).
type CNNICContactCreate struct{ CNNICContact }

// CNNICContactInfData comes with a contact info.
type CNNICContactInfData struct{ CNNICContact }

// CNNICContact is who a contact really is. Type is I (person) or E (organisation); Purveyor is the agent it was sold through.
type CNNICContact struct {
	Type     string         `xml:"cnnic-contact:type,omitempty"`
	Document *CNNICDocument `xml:"cnnic-contact:contact"`
	Purveyor string         `xml:"cnnic-contact:purveyor,omitempty"`
	Mobile   string         `xml:"cnnic-contact:mobile,omitempty"` // +86.138...
}

// CNNICDocument is an identity document: Type is the registry's code (SFZ, YYZZ ...), Number its number.
type CNNICDocument struct {
	Type   string `xml:"type,attr"`
	Number string `xml:",chardata"`
}

// CNNICContactUpdate uses Chg at most back ends and Add and Rem at some: a setting of the registry.
type CNNICContactUpdate struct {
	Add *CNNICContact `xml:"cnnic-contact:add"`
	Rem *CNNICContact `xml:"cnnic-contact:rem"`
	Chg *CNNICContact `xml:"cnnic-contact:chg"`
}

// CNNICDomainCreate goes with a domain create.
type CNNICDomainCreate struct{ CNNICDomain }

// CNNICDomainInfData comes with a domain info.
type CNNICDomainInfData struct{ CNNICDomain }

// CNNICDomain is the kind of a name's holder, I or E, and the agent.
type CNNICDomain struct {
	Type     string `xml:"cnnic-domain:type,omitempty"`
	Purveyor string `xml:"cnnic-domain:purveyor,omitempty"`
}

// CNNICDomainUpdate goes with a domain update.
type CNNICDomainUpdate struct {
	Add *CNNICDomain `xml:"cnnic-domain:add"`
	Rem *CNNICDomain `xml:"cnnic-domain:rem"`
	Chg *CNNICDomain `xml:"cnnic-domain:chg"`
}

// CNNICHostCreate goes with a host create.
type CNNICHostCreate struct{ CNNICHost }

// CNNICHostInfData comes with a host info.
type CNNICHostInfData struct{ CNNICHost }

// CNNICHost is what CNNIC adds to a host.
type CNNICHost struct {
	Purveyor string `xml:"cnnic-host:purveyor,omitempty"`
}

// CNNICHostUpdate goes with a host update.
type CNNICHostUpdate struct {
	Add *CNNICHost `xml:"cnnic-host:add"`
	Rem *CNNICHost `xml:"cnnic-host:rem"`
	Chg *CNNICHost `xml:"cnnic-host:chg"`
}
