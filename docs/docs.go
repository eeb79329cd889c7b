// Package docs carries the list of legal duties into the program, so that
// compliance staff see it beside the evidence of this installation.
package docs

import _ "embed"

// Duties is docs/duties.csv as of the build.
//
//go:embed duties.csv
var Duties []byte
