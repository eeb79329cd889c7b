package epp

// The login security extension, RFC 8807.

// LoginSecPassword stands in the core login when the real password is in the extension.
const LoginSecPassword = "[LOGIN-SECURITY]"

// coreMaxPassword is the longest password the core schema takes, in characters.
const coreMaxPassword = 16

// LoginSec goes with a login: who asks, and passwords longer than 16 characters (RFC 8807 section 4.1).
type LoginSec struct {
	UserAgent *UserAgent `xml:"loginSec:userAgent"`
	Pw        string     `xml:"loginSec:pw,omitempty"`
	NewPW     string     `xml:"loginSec:newPW,omitempty"`
}

// UserAgent names program, language and system of the client.
type UserAgent struct {
	App  string `xml:"loginSec:app,omitempty"`
	Tech string `xml:"loginSec:tech,omitempty"`
	OS   string `xml:"loginSec:os,omitempty"`
}

// LoginSecData comes with a login's answer: what will end or was refused.
type LoginSecData struct {
	Events []LoginEvent `xml:"loginSec:event"`
}

// LoginEvent warns of something about the login: Type is password, certificate, cipher, tlsProtocol, newPW, stat or custom;
// Level is warning or error.
type LoginEvent struct {
	Type     string `xml:"type,attr"`
	Name     string `xml:"name,attr,omitempty"`
	Level    string `xml:"level,attr"`
	ExDate   *Time  `xml:"exDate,attr,omitempty"`
	Value    string `xml:"value,attr,omitempty"`
	Duration string `xml:"duration,attr,omitempty"`
	Lang     string `xml:"lang,attr,omitempty"`
	Text     string `xml:",chardata"`
}
