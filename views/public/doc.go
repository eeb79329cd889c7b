// Package public holds the pages that anyone may see. Each page is a plain
// struct beside its template: handlers fill it in, the template shows it, neither
// decides. Names, notes and texts that come out of data arrive in the language of
// the page; words of the page itself come from the locales.
package public
