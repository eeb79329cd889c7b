package epp

// The DNSSEC extension, RFC 5910.

type SecDNSCreate struct{ SecDNSKeys }

type SecDNSInfData struct{ SecDNSKeys }

// SecDNSKeys holds either DS or Keys, whichever the registry takes.
type SecDNSKeys struct {
	MaxSigLife int       `xml:"secDNS:maxSigLife,omitempty"` // seconds
	DS         []DSData  `xml:"secDNS:dsData"`
	Keys       []KeyData `xml:"secDNS:keyData"`
}

type DSData struct {
	KeyTag     uint16   `xml:"secDNS:keyTag"`
	Alg        uint8    `xml:"secDNS:alg"`
	DigestType uint8    `xml:"secDNS:digestType"`
	Digest     string   `xml:"secDNS:digest"` // hexadecimal
	Key        *KeyData `xml:"secDNS:keyData"`
}

type KeyData struct {
	Flags    uint16 `xml:"secDNS:flags"`
	Protocol uint8  `xml:"secDNS:protocol"`
	Alg      uint8  `xml:"secDNS:alg"`
	PubKey   string `xml:"secDNS:pubKey"` // base64
}

// SecDNSUpdate removes before it adds (RFC 5910 section 5.2.5).
type SecDNSUpdate struct {
	Urgent Flag          `xml:"urgent,attr,omitempty"`
	Rem    *SecDNSRemove `xml:"secDNS:rem"`
	Add    *SecDNSKeys   `xml:"secDNS:add"`
	Chg    *SecDNSChange `xml:"secDNS:chg"`
}

type SecDNSRemove struct {
	All  bool      `xml:"secDNS:all,omitempty"`
	DS   []DSData  `xml:"secDNS:dsData"`
	Keys []KeyData `xml:"secDNS:keyData"`
}

type SecDNSChange struct {
	MaxSigLife int `xml:"secDNS:maxSigLife,omitempty"` // seconds
}
