// Package epp is the wire between registrar and registry: the Extensible Provisioning Protocol of RFC 5730 to 5734 with the
// extensions Yumen uses. Client and sandbox registry share it, so it decides nothing about orders or registry policy.
//
//	frame.go                     four bytes of length, then XML (RFC 5734 section 4)
//	core.go values.go codes.go   greeting, command, response; the small types they share; result codes and what they mean
//	node.go codec.go decode.go   reading by {namespace}local, writing with literal prefixes; builtin.go registers our types
//	domain.go contact.go host.go the objects of RFC 5731, 5733, 5732
//	dnssec.go rgp.go fee.go loginsec.go changepoll.go cnnic.go   extensions
//	client.go                    one connection
//	pool.go pool_sessions.go     the connections of one registry account
//	server.go                    the server side of a session, with faults on demand
//	mask.go                      what may stand in a log
//
// Struct tags carry canonical prefixes ("domain:name"). Written frames use exactly these prefixes, because weak servers match
// them as text. Read frames may use any prefix: each element is looked up by its namespace URI first and then takes our prefix.
// The order of struct fields is the order on the wire.
package epp
