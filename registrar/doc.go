// Package registrar holds no code. It is the map of the business.
//
// A package earns its folder by owning tables, a wire format or a vocabulary.
// The list stands in import order: a package imports only what stands above
// it, besides db, jobs and protocols. cmd/yumen/architecture_test.go enforces
// the order and fails when a folder has no line here.
//
//	problem         what went wrong, as a message id that a person can act on
//	calendar        days and working days in Asia/Shanghai; the clock's offset; policy values with source and dates
//	seal            envelope encryption, keyed hashes, key files and their rotation
//	actor           who is asking: person, house, rights, language; a value everyone can take
//	names           what a name is: parse, tables, index labels. No I/O
//	persons         kinds of holders and documents, checks of numbers, names, addresses. No I/O
//	audit           who did what, when, why: append-only; a sequencer numbers, chains and signs it
//	notices         what we owe people in writing: a dated row, then the mail
//	desk            work for staff: tasks, claims, outcomes; approvals by a second person; dead jobs
//	texts           agreements, rules, privacy notices by version; acceptances and consents
//	accounts        houses and their hosts; people, sign-in, sessions, roles, step-up
//	blocks          networks and accounts that are kept out for a time because they hinder the service
//	documents       sealed files: intake, envelope keys, access log, shredding
//	ledger          Money; double entry; holds, charges, refunds; postings are only ever added
//	backups         copies of the data: made, followed, brought back, drilled; the record of each
//	payments        cashiers, top-ups, callbacks, refunds to the channel they came from
//	permits         may we: permits, registry agreements, mode per ending, public notices
//	catalogue       for how much and how long: endings, life cycles as data, price rows, costs, taxes
//	labels          what each ending allows: policy and registry's table, by version
//	screening       reserved and prohibited names
//	registries      suppliers (EPP is the first kind): accounts, settings, attempts, poll store
//	identity        holders' profiles by version and their real-name verification
//	search          availability over all endings
//	registrations   a name's life: what the registry says of it, its history and restrictions
//	orders          cart; place, pay, fulfil, refuse
//	complaints      intake, receipt and secret code, the queue
package registrar
