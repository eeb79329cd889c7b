package epp

import (
	"encoding/xml"
	"fmt"
	"strings"
)

const masked = "***"

// Mask makes a frame fit for a log: passwords, authorisation codes, document numbers, postal data, phones and mail addresses become
// ***, signed codes keep eight characters, ids and names of objects stay. Text of namespaces we do not know is masked
// whole, since some registries carry identity numbers there. A frame that cannot be read is only counted.
func Mask(frame []byte) string {
	n, err := parse(frame)
	if err != nil {
		return fmt.Sprintf("(unreadable frame of %d bytes)", len(frame))
	}
	mask(n, nil)
	var b strings.Builder
	e := xml.NewEncoder(&b)
	if err := n.write(standard, e, nil); err != nil {
		return fmt.Sprintf("(unwritable frame of %d bytes)", len(frame))
	}
	if err := e.Close(); err != nil {
		return fmt.Sprintf("(unwritable frame of %d bytes)", len(frame))
	}
	return b.String()
}

func mask(n *node, path []xml.Name) {
	keep := keeps(n.name, path)
	for i, k := range n.kids {
		switch k := k.(type) {
		case *node:
			mask(k, append(path, n.name))
		case string:
			s := strings.TrimSpace(k)
			switch {
			case s == "" || keep < 0:
			case keep == 0 || len([]rune(s)) <= keep:
				n.kids[i] = masked
			default:
				n.kids[i] = string([]rune(s)[:keep]) + masked
			}
		}
	}
	if !shown[n.name.Space] {
		for i := range n.attr {
			n.attr[i].Value = masked
		}
	}
}

// shown lists the namespaces whose text may be shown unless keeps says otherwise.
var shown = map[string]bool{
	NSCore: true, NSDomain: true, NSContact: true, NSHost: true, NSSecDNS: true, NSRGP: true, NSFee: true, NSLaunch: true, NSLoginSec: true,
	NSChangePoll: true, NSVerification: true, NSCNNICContact: true, NSCNNICDomain: true, NSCNNICHost: true, NSNV: true, NSCDN: true, NSBundle: true,
}

// keeps says how many characters of an element's text may be shown; -1 means all.
func keeps(n xml.Name, path []xml.Name) int {
	if !shown[n.Space] {
		return 0
	}
	switch n.Local {
	case "pw", "newPW":
		return 0
	}
	switch n.Space {
	case NSCore:
		if n.Local == "value" { // quotes what was sent
			return 0
		}
	case NSContact:
		switch n.Local {
		case "name", "org", "street", "city", "sp", "pc", "cc", "voice", "fax", "email":
			return 0
		}
	case NSCNNICContact:
		if n.Local == "contact" || n.Local == "mobile" {
			return 0
		}
	case NSVerification:
		if n.Local == "code" || n.Local == "encodedSignedCode" {
			return 8
		}
	case NSNV:
		switch n.Local {
		case "num", "fileContent":
			return 0
		case "name":
			for _, p := range path {
				if p.Local == "rnv" {
					return 0
				}
			}
		case "code", "encodedSignedCode", "rnvCode":
			return 8
		}
	}
	return -1
}
