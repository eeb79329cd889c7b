// Package docs carries the list of legal duties into the program, so that
// compliance staff see it beside the evidence of this installation.
package docs

import _ "embed"

// Duties is docs/duties.csv as of the build.
//
//go:embed duties.csv
var Duties []byte

// DutyText is docs/duties_text.csv: what each duty is about, in both languages,
// and in Chinese what Duties says is still missing.
//
//go:embed duties_text.csv
var DutyText []byte
