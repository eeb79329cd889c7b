package epp

// The DNSSEC extension, RFC 5910.

// SecDNSCreate goes with a domain create (RFC 5910 section 5.2.1).
type SecDNSCreate struct{ SecDNSKeys }

// SecDNSInfData comes with a domain info (RFC 5910 section 5.1.2).
type SecDNSInfData struct{ SecDNSKeys }

// SecDNSKeys holds either DS or Keys, whichever the registry takes.
type SecDNSKeys struct {
	MaxSigLife int       `xml:"secDNS:maxSigLife,omitempty"` // seconds
	DS         []DSData  `xml:"secDNS:dsData"`
	Keys       []KeyData `xml:"secDNS:keyData"`
}

// DSData is a delegation signer (RFC 5910 section 4.1).
type DSData struct {
	KeyTag     uint16   `xml:"secDNS:keyTag"`
	Alg        uint8    `xml:"secDNS:alg"`
	DigestType uint8    `xml:"secDNS:digestType"`
	Digest     string   `xml:"secDNS:digest"` // hexadecimal
	Key        *KeyData `xml:"secDNS:keyData"`
}

// KeyData is a key the registry makes a delegation signer of (RFC 5910 section 4.2).
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

// SecDNSRemove takes records away, or all of them.
type SecDNSRemove struct {
	All  bool      `xml:"secDNS:all,omitempty"`
	DS   []DSData  `xml:"secDNS:dsData"`
	Keys []KeyData `xml:"secDNS:keyData"`
}

// SecDNSChange sets the longest signature life in seconds.
type SecDNSChange struct {
	MaxSigLife int `xml:"secDNS:maxSigLife,omitempty"` // seconds
}
