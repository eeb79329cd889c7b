// Package staff shows the pages of the desk: what waits for a person, identity
// reviews, complaints, orders, the state of registries and jobs, permits, duties
// and the audit. One file of templates for each noun, with its view model beside
// it and a handler file of the same name in handlers/staff.
//
// A page takes the frame's Page, with its rail, and its own model. It shows what
// it is given: which buttons work for a person is decided by the flows. Every
// page works without scripts.
package staff
