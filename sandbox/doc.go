// Package sandbox is the outside world in a box: a registry that speaks EPP
// over TLS, a service that verifies people, a bank and a mailbox. It speaks
// the same wire as the real thing, so a portal reaches it only over sockets.
// It imports nothing of the portal but protocols/epp, so that neither side
// can cover for the other's mistake.
//
//	clock      the one clock of the world: turned forward, never back
//	registry   EPP over TLS, the life of names, poll messages, trouble on demand
//	verifier   answers whether a name and a document number belong together
//	cashier    a bank: pay pages, signed callbacks, refunds
//	mailbox    an SMTP server that keeps every letter
//
// Everything a person or a script may turn lies on one HTTP server, the
// control server, on loopback only. Its home page is for people; what follows
// is for programs. All bodies are JSON in UTF-8. Times are RFC 3339 in UTC by
// the sandbox clock unless said otherwise. Durations are Go durations
// ("20s", "720h"). Amounts are integers in minor units (fen for CNY).
// Unknown members of a request are refused. A refusal is
//
//	{"error": {"code": "not_found", "message": "no such domain: xn--..."}}
//
// with status 400 bad_request, 401 unauthorised, 404 not_found, 409 conflict,
// 422 refused or 503 unavailable; more telling codes are named below.
//
// # Connect
//
// GET /connect is all a portal needs to know before it opens:
//
//	{
//	  "epp":      {"address": "127.0.0.1:7700", "server_name": "localhost",
//	               "ca_pem": "-----BEGIN CERTIFICATE-----\n...",
//	               "registrar": "yumen", "password": "...",
//	               "max_sessions": 24, "commands_per_minute": 6000},
//	  "smtp":     {"address": "127.0.0.1:7725"},
//	  "cashier":  {"base_url": "http://127.0.0.1:7780/bank/v1", "merchant_id": "m-1001",
//	               "api_secret": "hex, 32 bytes",
//	               "callback_keys": [{"id": "k-...", "public_key": "base64, 32 bytes, Ed25519"}]},
//	  "verifier": {"base_url": "http://127.0.0.1:7780/verifier/v1", "secret": "..."},
//	  "clock":    {"offset_ms": 0, "seq": 1, "now": "2026-11-22T06:30:00.000Z"},
//	  "control":  {"url": "http://127.0.0.1:7780"},
//	  "registries": [{"ending": "xn--otu796d", "u_label": "招聘", "policy": "zhaopin",
//	                  "pending": true, "verification": "none", "contact_extension": "",
//	                  "roles": ["registrant", "admin", "tech", "billing"],
//	                  "bundle": true, "currency": "CNY",
//	                  "prices": {"create": 4500, "renew": 4500, "transfer": 4500, "restore": 30000},
//	                  "days": {"add": 5, "auto_renew": 45, "renew": 5, "transfer": 5,
//	                           "redemption": 30, "pending_delete": 5, "transfer_lock": 60,
//	                           "materials": 5, "decision": 10}}]
//	}
//
// max_sessions and commands_per_minute are the registrar's limits over all
// endings, as its contract would name them; a portal that is connected keeps
// those it was told. verification is "none", "verify_first", "hold"; contact_extension is "" or
// "cnnic". The addresses, the CA, passwords, secrets and keys are the same
// after a restart with the same state folder, except ports that were asked
// for as 0.
//
// # Clock
//
//	GET  /clock               {"offset_ms": 0, "seq": 1, "now": "..."}
//	GET  /clock?after=SEQ     the same, once seq is greater than SEQ; after 25 s it answers
//	                          the unchanged clock. Whoever hangs here is the connected portal.
//	POST /clock/ack           {"seq": 2}: this seq is stored by the portal. -> {"acknowledged": 2}
//	POST /clock               {"advance": "720h"} or {"to": "2027-01-01T00:00:00+08:00"}
//	                          -> {"offset_ms": ..., "seq": 2, "now": "...", "portal": "acknowledged"}
//
// portal is "acknowledged", "away" (no portal hangs on the clock; answered at
// once) or "late" (none acknowledged within 30 s). Before POST /clock answers,
// the registry and the bank have done everything that fell due on the way, in
// order and dated as it fell due. Turning back is refused: 409
// "clock_never_goes_back".
// now = real time + offset_ms. A portal counts as connected while its request
// hangs, and for 3 s after it was answered.
//
// # Cashier: the bank's own API (for the portal)
//
// Base URL from /connect. Every request carries
//
//	Bank-Merchant:  m-1001
//	Bank-Timestamp: 1795500000             Unix seconds by the sandbox clock
//	Bank-Signature: hex HMAC-SHA256(key = api_secret hex-decoded,
//	                text = timestamp "\n" method "\n" path-with-query "\n" body)
//
// path-with-query is as sent, for example /bank/v1/payments?order_no=Y7K2-9QDM.
// A bad signature, or a timestamp more than 15 minutes off (counted from what
// the portal last acknowledged of the clock) answers 401.
//
//	POST {base}/payments
//	  {"order_no": "Y7K2-9QDM", "amount": 6800, "currency": "CNY", "subject": "...",
//	   "notify_url": "http://...", "return_url": "http://...", "expires_in": "2h"}
//	  -> 201 payment. Repeated with the same order_no, amount and currency: 200 and the
//	  first payment. The same order_no with another amount or currency: 409 "order_no_used".
//	  subject, expires_in (default 2h) and return_url may be left out.
//	GET  {base}/payments/{payment_id}      -> 200 payment
//	GET  {base}/payments?order_no=...      -> 200 payment, or 404
//	POST {base}/payments/{payment_id}/close   -> 200 payment; an open one becomes closed; a paid one
//	  answers 409 "already_paid"
//	POST {base}/payments/{payment_id}/refunds
//	  {"refund_no": "R-...", "amount": 6800, "reason": "..."}
//	  -> 201 refund. Repeated with the same refund_no: 200 and the first result, whatever it
//	  was. The same refund_no with another amount or payment: 409 "refund_no_used". More than
//	  was paid in all: 422 "over_amount". Payment not paid: 422 "not_paid".
//	GET  {base}/refunds/{refund_no}        -> 200 refund, or 404
//
// A merchant may send the buyer's browser to the bank without a call of its own:
//
//	GET {base}/pay?amount=6800&currency=CNY&expires_at=2026-11-22T08:30:00Z&merchant_id=m-1001
//	   &notify_url=...&order_no=...&return_url=...&subject=...&signature=HEX
//
// opens the payment as POST {base}/payments does, or finds it, and answers 303 to
// its pay_url. signature is HMAC-SHA256(api_secret, "PAY\n" query), the query
// without signature, encoded and sorted by name. After expires_at it answers
// 410 "link_expired" unless the payment exists.
//
// payment:
//
//	{"payment_id": "pay_...", "merchant_id": "m-1001", "order_no": "...", "amount": 6800,
//	 "currency": "CNY", "subject": "...", "status": "open", "refunded": 0,
//	 "pay_url": "http://127.0.0.1:7780/pay/pay_...", "notify_url": "...", "return_url": "...",
//	 "created_at": "...", "expires_at": "...", "closed_at": null}
//
// status goes open -> paid | refused | expired | closed, once. refunded is the
// sum of done and pending refunds. closed_at is when it left open.
//
// refund:
//
//	{"refund_id": "ref_...", "refund_no": "R-...", "payment_id": "pay_...", "order_no": "...",
//	 "amount": 6800, "currency": "CNY", "status": "done", "reason": "...",
//	 "by": "merchant", "created_at": "...", "closed_at": "..."}
//
// status is pending | done | refused; by is "merchant" or "bank" (a chargeback:
// then refund_no is "cb_..." and made by the bank).
//
// The buyer opens pay_url in a browser: a plain page in both languages with
// the buttons 支付 Pay and 拒绝 Refuse. It answers 303 to
// return_url with ?payment_id=...&order_no=... added (a GET; it proves
// nothing: the callback or a query does).
//
// # Cashier: callbacks (to the portal)
//
// POST notify_url, Content-Type application/json; charset=utf-8,
//
//	Bank-Key-Id:    k-...                  one of callback_keys
//	Bank-Timestamp: 1795500000             Unix seconds by the sandbox clock, new at every attempt
//	Bank-Signature: base64 Ed25519(timestamp "\n" key id "\n" raw body)
//
//	{"notice_id": "ntc_...", "kind": "payment", "payment_id": "pay_...", "merchant_id": "m-1001",
//	 "order_no": "...", "refund_no": "", "amount": 6800, "currency": "CNY",
//	 "status": "paid", "time": "2026-11-22T06:30:00.000Z"}
//
// kind "payment": status paid, refused or expired. kind "refund": status done
// or refused, refund_no is the merchant's own, amount the refund's. kind
// "chargeback": status done, refund_no "cb_...". The same notice keeps its
// notice_id at every attempt; two notices of one event do not exist unless
// repeated by control. Anything but a 2xx within 10 s is sent again after
// 1 s, 2 s, 4 s ... at most 60 s real time (settings), also after a restart.
//
// # Verifier: its own API (for the portal)
//
// Header Authorization: Bearer SECRET.
//
//	POST {base}/verify
//	  {"reference": "the caller's own id", "kind": "person", "name": "...",
//	   "document_type": "...", "document_number": "..."}
//	  kind is person or organisation; document_type is the caller's word and only kept.
//	  -> {"ref": "ver_...", "reference": "...", "answer": "match", "reason": "", "time": "..."}
//	GET  {base}/verify/{ref}      -> the same
//
// answer: match, mismatch (200), pending (202: ask again by GET), unavailable
// (503, same body). The same reference with the same data answers the first
// ref; with other data 409 "reference_used". A pending ref answers what control
// set it to. A verification that was unavailable may be sent again and is then
// decided anew under the same ref. The number is kept only as a keyed hash.
//
// # State (read only)
//
//	GET /state/domains[?ending=招聘][&registrar=yumen]     [domain...], by name
//	GET /state/domains/{name}                             domain, or 404; A-label or U-label
//	GET /state/contacts/{id}                              {"id", "registrar", "statuses": [...],
//	                                                       "name", "org", "cc", "email", "document_type",
//	                                                       "approved": true, "created_at"}
//	GET /state/registrars          [{"id", "password", "role": "portal|rival|free", "balance": 100000000,
//	                                 "currency": "CNY", "domains": 3, "poll_messages": 0,
//	                                 "charges": {"create": 4500, ...}}]
//	GET /state/sessions            [{"registrar", "open": 1, "peak": 4, "logins": 7, "refused_logins": 0,
//	                                 "refused_sessions": 0, "refused_rate": 0, "peak_minute": 12,
//	                                 "peak_second": 5, "commands": {"domain:create": 2, ...}, "lost_answers": 0,
//	                                 "frames": ["<epp ...", ...]}]  the last 50 frames, secrets masked
//	GET /state/poll[?registrar=yumen]      [{"id", "registrar", "text", "kind", "name", "queued_at", "acked_at": null}]
//	GET /state/payments[?order_no=]        [payment + {"refunds": [refund...], "notices": [notice...]}]
//	GET /state/verifications               [{"ref", "reference", "kind", "name", "document_type",
//	                                         "number_hash", "answer", "asked", "time"}]
//	GET /state/mail[?to=a@b.cn][&after=ID][&wait=5s]
//	                               [{"id": 7, "from": "...", "to": ["..."], "subject": "...", "text": "...",
//	                                 "html": "...", "codes": ["123456"], "links": ["http://..."],
//	                                 "time": "..."}], oldest first, newest last; wait hangs until there
//	                               is one after ID, or the time is over; time is by the sandbox clock
//
// domain:
//
//	{"name": "xn--....xn--otu796d", "u_label": "北京.招聘", "ending": "xn--otu796d", "roid": "...",
//	 "clID": "yumen", "crID": "yumen", "crDate": "...", "upDate": "...", "exDate": "...", "trDate": "...",
//	 "statuses": ["pendingCreate"], "rgp": ["addPeriod"], "registrant": "...",
//	 "contacts": {"admin": ["..."]}, "hosts": ["ns1..."], "authInfo": "...", "bundle": ["xn--..."],
//	 "state": "pending|registered|redemption|pending_delete",
//	 "next": {"event": "decision", "at": "..."}, "reasons": {"serverHold": "..."},
//	 "crTRID": "YM-...", "fee": 4500}
//
// crTRID is the client transaction id of the create, fee what the create was
// charged. Dates that do not exist are left out. exDate is left out while a create is
// pending. notice: {"notice_id", "kind", "status", "amount", "attempts", "delivered_at",
// "last_answer"}.
//
// # Registry control
//
// {name} is an A-label or a percent-encoded U-label. Bodies may be empty.
// Each answers the domain as it is afterwards (delete: {"deleted": name}).
//
//	POST /registry/{name}/approve      a pending create becomes registered; panData paResult 1
//	POST /registry/{name}/reject       {"reason": "..."}; panData paResult 0, the name is gone
//	POST /registry/{name}/ask          {"reason": "...", "items": ["..."]}: a poll message asks the registrar for more
//	POST /registry/{name}/materials    the papers are in: the 5-day clock stops, the 10-day clock starts
//	POST /registry/{name}/hold         {"reason"}: serverHold, with changePoll; release removes it
//	POST /registry/{name}/lock         {"reason"}: serverTransfer-, Update-, DeleteProhibited; unlock removes them
//	POST /registry/{name}/delete       {"reason"}: gone at once, with a poll message
//	POST /registry/contacts/{id}/approve|reject    {"reason"}: the registrant's papers at a verify_first registry
//	POST /registry/reserve             {"name": "...", "reason": "..."}: check answers 0 with it, create 2306
//	POST /registry/price               {"name": "gold.com", "class": "premium|standard", "create": 999900, "renew": 999900}:
//	                                   what it costs from now on, in fen a year; {"name": ".com", "create": 6000} for all
//	                                   standard names of an ending. What is left out stays
//
// A state that does not fit answers 409 "wrong_state".
//
// # What the registry tells by poll
//
// panData (domain or contact) ends a create that was answered 1001: paResult
// and paTRID with the clTRID of that create. The message text is "Registered",
// "Registration refused: REASON", "Contact approved" or "Contact refused:
// REASON". trnData tells both sides of a transfer, except the one that acted.
// infData with changePoll (RFC 8590, who "registry") tells what the registry
// did to a name itself: operation update (hold, release, lock, unlock),
// autoRenew (at expiry), delete, autoPurge; a wish for papers is operation
// custom with op "materials", its text "More is needed: REASON; items: A; B".
// rgp infData tells that redemption is over or that a restore report is late.
//
// # What the registries want
//
// A code or name is in force for every ending unless said. Contacts and hosts
// are objects, shared by all endings of one account. Each name of .招聘, .cn and
// .中国 needs registrant, admin, tech and billing contacts, .公司 and .网络 a
// registrant; .com and .网店 take none or some. cc is an ISO 3166 code in capitals;
// postalInfo int is ASCII. A contact that carries cnnic-contact:create must carry
// all of it (type, contact@type, purveyor, mobile) and both postalInfo, loc and
// int: else 2003 or 2005. Where verification is verify_first, a create with a
// registrant contact that is not approved answers 2306. authInfo is empty or
// hard to guess (12 characters, three kinds), never shown by info, and cleared
// by a transfer; an info that carries it checks it (2202). A renewal at expiry
// is the registry's own (autoRenewPeriod); the registrar deletes within the
// grace period and has the price back. A premium name (gold.com, tea.com, 黄金.网店
// and others) needs its fee by fee-1.0, else 2003; a wrong fee answers 2004.
// An empty account answers 2104. More sessions than max_sessions, and more
// commands in any sixty seconds than commands_per_minute, answer 2502.
//
// # Rival: the second registrar at work
//
//	POST /rival/register      {"name": "...", "years": 1, "age": "2400h"}   -> domain; age sets crDate back
//	POST /rival/transfer-in   {"name": "...", "auth_info": "..."}           -> domain; without auth_info it knows the right one
//	POST /rival/cancel        {"name": "..."}    the rival withdraws its request
//	POST /rival/approve       {"name": "..."}    the rival lets a name go that someone asked for
//	POST /rival/reject        {"name": "..."}
//
// The rival goes through the same rules as any registrar; a refusal is 422
// with {"error": {"code": "epp_2304", "message": "..."}}.
//
// # Verifier control
//
//	POST /verifier/default       {"answer": "match"}     for all that follow
//	POST /verifier/names         {"name": "王小明", "answer": "mismatch"}   for this name; "" removes the rule
//	POST /verifier/{ref}         {"answer": "match", "reason": "..."}     ref, or the caller's reference; an
//	                             unknown one is kept for when it comes
//
// # Cashier control
//
//	POST /cashier/{payment}/pay        {}     as if the buyer had pressed Pay; also for an expired one (late money)
//	POST /cashier/{payment}/refuse     {}
//	POST /cashier/{payment}/repeat     {"times": 3}: sends the last notice again, same notice_id
//	POST /cashier/{payment}/forge      {"what": "signature|amount|currency|merchant|order|key|old"}: one false notice;
//	                                   all but signature, key and old are signed rightly -> {"http_status": 401, "body": "..."}
//	POST /cashier/{payment}/refund     {"amount": 100}: a chargeback by the bank; all that is left by default
//	POST /cashier/refunds/{refund_no}/done|refuse    closes a pending refund
//
// {payment} is a payment_id or an order_no. Each but forge answers the payment.
//
// # Trouble and settings
//
//	POST /trouble   {"ending": "招聘", "commands": ["domain:create"], "lose_answers": 0.2, "drop": 0.1,
//	                 "delay": "2s", "cut": 0.1, "duplicate": 0.1, "wrong_cltrid": 0.1, "garbage": 0.1,
//	                 "trickle": 0.1, "result": {"code": 2400, "rate": 0.5}, "down": "1h", "seed": 42}
//	GET  /trouble   all that is set, and the seed
//	DELETE /trouble all is well again
//
// A later POST for the same ending replaces the earlier one; an empty one
// heals it. ending "" stands for every ending and for commands that belong to
// none (login, contacts, hosts, poll). lose_answers: executed, then the
// connection closes without a reply. drop: closed before it is executed.
// delay: before the answer leaves. cut: the answer ends inside a frame.
// duplicate: answered twice. wrong_cltrid: another transaction's id comes
// back. garbage: the answer is not XML. trickle: a byte at a time. result:
// this code without executing. down: every command for the ending closes the
// connection (ending "": no connection is accepted), by the sandbox clock.
// Rates lie between 0 and 1; the seed makes them repeatable and stands on
// the control page and in GET /trouble.
//
//	POST /away      {"part": "cashier", "for": "3h"}: for so long by the sandbox clock nobody reaches it;
//	                {"part": "mail", "for": "24h"} likewise; "0s" ends it, and so does a restart
//
// The bank's callbacks are its own and go out all the same; callback_delay keeps them.
//
//	GET  /settings  {"registry": {..., "endings": {"xn--otu796d": {"auto_approve", "materials", "verification"}, ...}},
//	                 "cashier": {...}}; POST answers the same
//	POST /settings  {"max_sessions": 24, "commands_per_minute": 6000, "idle": "300s", "login_wait": "10s",
//	                 "registrar": "yumen", "balance": 100000000,
//	                 "ending": "招聘", "auto_approve": "20s", "materials": true, "verification": "hold",
//	                 "contact_review": "0s", "transfer_auto": "120h", "skew": "-5m",
//	                 "callback_delay": "0s", "callback_first": "1s", "callback_max": "60s",
//	                 "callback_copies": 1, "auto_pay": "", "refunds": "done"}
//
// skew is how far the registry's own clock is off: the dates it gives out carry it.
// Each member may stand alone. balance goes with registrar; auto_approve,
// materials and verification go with ending ("" = all endings). auto_approve
// "0s" waits for control. materials false starts the 5-day clock at creation.
// contact_review "0s" approves contacts with complete extension data at once
// (1000), a longer one answers 1001 and tells by poll, "by_hand" waits for
// control. auto_pay "pay" or "refuse" answers each new payment without a
// person. refunds is done, pending or refused. Settings survive a restart.
package sandbox
