package main

// class is the promise that a difference breaks.
type class string

// The classes; the summary counts each by itself.
const (
	lost         class = "lost"                         // something that was taken is not there any more
	double       class = "double"                       // charged, refunded, registered or booked twice
	unpaid       class = "registered_unpaid"            // a name for which no price was paid
	unregistered class = "paid_unregistered_unrefunded" // a price for which there is neither name nor refund
	ledger       class = "ledger"                       // the books do not agree with themselves
	other        class = "other"                        // two books say different things
)

// rank orders the classes by how much they matter.
func (c class) rank() int {
	for n, x := range []class{lost, double, unpaid, unregistered, ledger} {
		if c == x {
			return n
		}
	}
	return 9
}

// kind says what a difference means and how it is mended.
type kind struct {
	class  class
	cause  string
	repair string
}

// kinds are all that can be found. docs/operations.md explains them to whoever
// has to mend one.
var kinds = map[string]kind{
	// orders and what was lost of them
	"order_lost":       {lost, "an order, or a line of it, that another book knows is not among the orders", "restore the orders from the newest backup that has it; tell nobody that it never was"},
	"order_line_twice": {double, "one line of an order stands there twice", "find which copy names, ledger and audit speak of"},
	"order_lines_differ": {other, "lines of one order disagree on its buyer, holder, total or payment",
		"compare with the audit of the order"},
	"order_sum":        {other, "the order's total is not the sum of its names", "compare with the quote and with what was paid"},
	"order_price":      {other, "net and tax are not the total, or the tax is not that rate's part of it", "compare with the price row; a correction is a new posting"},
	"order_state":      {other, "the state is none that an order can be in", "compare with the audit of the order"},
	"order_times":      {other, "the times contradict each other, or one that must be there is missing", "compare with the audit of the order"},
	"order_currency":   {other, "money of another currency is held for the order", "give it back; charge in the order's currency"},
	"order_stuck":      {other, "the order is still under way after its time: a job died for good, or whoever has the next move does not make it", "look at the jobs and the registry's queue on the staff pages; then let the order go on or refuse it"},
	"holder_missing":   {other, "a name was sent or registered without the version of a holder's profile", "find the version by the registrant's contact at the registry"},
	"refusal_reason":   {other, "a refusal without a reason, or a reason without a refusal", "compare with the audit of the order"},
	"paid_by":          {other, "the order names another way of payment than its money came by", "compare with the cashier"},
	"refund_amount":    {other, "the refund is not what was paid, or two books name different amounts of it", "pay the rest, or ask the bank; a correction is a new posting"},
	"settled_amount":   {ledger, "what was charged for the name is not its price", "post the difference to the wallet"},
	"held_short":       {unpaid, "the order goes on though its money is not held", "stop it until the money is found"},
	"unpaid_and_on":    {unpaid, "the order went on and was never paid", "stop it; ask the buyer to pay, or delete the name within its grace period"},
	"paid_short":       {unpaid, "less came in than the order costs, and it went on", "ask the buyer for the rest, or delete the name within its grace period"},
	"paid_and_closed":  {unregistered, "money came for an order that ended without a name, and was not given back", "give it back"},
	"paid_not_started": {unregistered, "all of the money is there and the order still waits for it", "let the job orders.credited run again"},
	"refund_missing":   {unregistered, "a name of the order was refused and its money, or a part of it, was not given back", "give it back"},
	"surplus_kept":     {double, "more was paid than the order needs, as by paying it twice, and was not given back", "give it back"},
	"refunded_too_much": {double, "more went back than the order may give, or a name goes on whose money went back",
		"stop what goes on; ask the buyer"},

	// what was sent
	"attempt_missing":     {other, "the order says that the registry was asked, and no attempt says so", "ask the registry about the name"},
	"attempt_open":        {other, "a command is not decided though its order has moved on", "ask the registry about the name, then settle the attempt"},
	"attempt_twice":       {double, "one transaction id belongs to two attempts", "ask the registry whose name it is"},
	"attempt_differs":     {other, "a command was for another name than its order", "ask the registry about both"},
	"two_in_flight":       {double, "two creates of one name, or of variants of it, were under way at once", "ask the registry whose command made the name; refund the other"},
	"refused_though_done": {double, "the registry said yes and the buyer was refused", "ask the registry; give the name to the buyer or delete it within its grace period"},

	// names
	"not_recorded":            {lost, "the order has a name at the registry and the names do not know it", "ask the registry and record it"},
	"two_orders_one_name":     {double, "two orders say registered for one name; one of them has it", "refund the one that has it not"},
	"two_names_one_order":     {double, "one line of an order led to two names", "ask the registry for which one its command was"},
	"name_twice":              {double, "a name, or a variant of it, has two holders with us", "ask the registry for the registrant"},
	"name_without_order":      {unpaid, "a name is recorded that no order asked for", "find who recorded it in the audit"},
	"name_state":              {other, "name and order disagree on whether it is applied for, registered or over", "ask the registry"},
	"name_differs":            {other, "the name does not say what its order says", "compare with the audit of both"},
	"refunded_and_registered": {double, "the money went back and the name is registered all the same", "delete it within its grace period, or agree on the price with the buyer"},
	"registered_unpaid":       {unpaid, "a name is registered and no price was charged for it", "charge it, or delete it within its grace period"},

	// the registry
	"unknown_name":         {lost, "the registry holds a name for us that no order asked for", "find the command by its transaction id in the log; delete it or record its holder"},
	"whose_name":           {unpaid, "the registry holds a name for us that no command we know made, and an order waits for a person to say whether it is its own", "decide on the desk whose it is"},
	"gone_but_there":       {lost, "we hold the name for over and the registry still has it for us", "ask the registry and take it over again"},
	"missing_at_registry":  {lost, "we have a name that the registry has not: deleted there, or never made", "ask the registry; end the name with its reason and refund what was not delivered"},
	"with_other_registrar": {lost, "the name has moved to another registrar", "ask the registry; end the name as moved away, or dispute the transfer"},
	"domain_twice":         {double, "the registry lists one name twice", "ask the registry"},
	"pending_differs":      {other, "one side still waits for the decision, for the other it has fallen", "ask the registry about the name"},
	"created_for_another":  {double, "the name was made by a command of another order than the one that has it", "give it to the order that made it; refund the other"},
	"cost_differs":         {other, "the registry took another price than we noted as its cost", "correct the cost of the price row; claim what was taken too much"},
	"registrant_differs":   {other, "the registry names another holder", "ask the registry; find out who changed it"},
	"submitted_differs":    {other, "the time of the application differs; its deadlines count from it", "take the registry's"},
	"expiry_differs":       {other, "the expiry dates differ", "take the registry's: it decides"},
	"creation_differs":     {other, "the creation dates differ", "take the registry's: it decides"},
	"update_differs":       {other, "the registry changed the name at a time we do not know of", "ask the registry what changed"},
	"term_short":           {other, "the name ends before the years that were paid for", "renew it at our cost"},
	"roid_differs":         {other, "the registry has another object under this name: it was deleted and made again", "ask the registry for the registrant"},
	"statuses_differ":      {other, "the statuses differ", "take the registry's, and find out who set them"},
	"rgp_differs":          {other, "the grace or redemption states differ", "take the registry's; redemption needs its deadline looked at today"},
	"nameservers_differ":   {other, "the name servers differ", "ask the registry; set them again by the holder's wish"},
	"members_differ":       {other, "the variants that go with the name differ", "take the registry's"},

	// the cashier
	"payment_unknown":        {other, "the cashier has a payment that we never opened", "ask the cashier who opened it"},
	"payment_line_twice":     {double, "the cashier lists one number of ours twice", "ask the cashier"},
	"payment_id_differs":     {other, "the money that was credited came by another payment of the cashier's", "ask the cashier which of the two was paid"},
	"payment_merchant":       {other, "the payment belongs to another merchant", "ask the cashier"},
	"payment_not_booked":     {lost, "the cashier was paid and the ledger does not know it", "ask the cashier about the payment; the credit is booked then"},
	"payment_amount":         {other, "cashier and ledger name different amounts of a payment", "ask the cashier; a correction is a new posting"},
	"booked_not_paid":        {unpaid, "the ledger has money from a cashier that says it was not paid", "ask the cashier; take the credit back by a new posting"},
	"credited_twice":         {double, "one payment was booked twice", "take one back by a new posting"},
	"credited_to_another":    {other, "a payment is held for another order than it was made for", "move it by a new posting"},
	"account_of_another":     {other, "what belongs to one buyer is booked on another", "move it by a new posting; tell both"},
	"refund_unknown":         {double, "a refund that the ledger never sent", "ask the cashier who asked for it"},
	"refund_wrong_channel":   {other, "money went back to another place than it came from, or than the buyer chose", "ask the buyer; a correction is a new posting"},
	"refund_not_asked":       {unregistered, "the ledger sent a refund that the cashier never heard of", "let the job payments.refund run again"},
	"refund_not_booked":      {other, "the cashier has given the money back and the ledger has it still on its way", "let the job payments.refund run again"},
	"refund_booked_not_paid": {unregistered, "the ledger says that the money is back and the cashier has not given it", "ask the cashier; pay it"},
	"refunded_twice":         {double, "one refund went both to the wallet and to the channel", "take one back by a new posting; tell the buyer"},
	"chargeback_not_booked":  {lost, "the bank took money back and the ledger does not know it", "book it; look at the order"},
	"chargeback_unknown":     {other, "the ledger has a chargeback that the cashier has not", "take it back by a new posting"},
	"chargeback_amount":      {other, "cashier and ledger name different amounts of a chargeback", "a correction is a new posting"},

	// the ledger by itself
	"ledger_sum":       {ledger, "all postings of a currency do not sum to zero", "find the entry or the account that is named beside it"},
	"entry_unbalanced": {ledger, "the postings of an entry do not sum to zero", "the database was changed from outside: compare with a backup"},
	"entry_twice":      {double, "what may happen once was booked twice", "take one back by a new posting"},
	"entry_mixed":      {ledger, "postings of one entry disagree on what it is", "the database was changed from outside: compare with a backup"},
	"entry_shape":      {ledger, "an entry moves money between accounts that its kind does not join", "find who posted it in the audit"},
	"posting_order":    {ledger, "postings do not come in their order, or one comes twice", "the database was changed from outside: compare with a backup"},
	"balance_break":    {ledger, "a running balance does not follow from the posting before: one was changed, added or taken out", "the database was changed from outside: compare with a backup"},
	"below_zero":       {ledger, "more was taken from an account than was on it", "find the entry that took it; a correction is a new posting"},
	"account_mixed":    {ledger, "an account is not what its name says, or is said to be two things", "the database was changed from outside: compare with a backup"},
	"charged_twice":    {double, "one name was sold twice in one order", "give one price back"},
	"charged_not_registered": {unregistered, "a price was charged for a name that the buyer has not",
		"ask the registry; record the name or give the price back"},
	"settled_without_sale": {ledger, "money was taken for a name and no sale line says for what", "add the line for invoice and tax from the order"},
	"sale_without_posting": {ledger, "a sale line without the entry that took its money", "the database was changed from outside: compare with a backup"},
	"sale_without_order":   {ledger, "something was sold that no order asked for", "find the order by the entry's reference"},
	"sale_amount":          {ledger, "the sale line names other amounts than were posted", "correct the invoice by the postings"},
	"sale_tax":             {ledger, "the tax of a sale is not that rate's part of the amount", "correct the tax by a new posting before the month is declared"},
	"sale_differs":         {ledger, "the sale line does not say what the order says", "correct the invoice by the order"},

	// what was told and written down
	"notice_missing":    {other, "something that a buyer is told in writing was not", "send it"},
	"notice_twice":      {double, "one thing was told twice", "nothing; find out why it happened twice"},
	"notice_untrue":     {other, "a buyer was told of an end that the order did not have", "tell what is true"},
	"notice_to_another": {other, "somebody else was told of the order", "a leak of personal data: tell both, and compliance"},
	"notice_unsent":     {other, "a letter is owed for too long: the mail server is away or its job died", "look at the mail server and the jobs"},
	"notice_unproven":   {other, "a letter is called sent and nothing proves it", "send it again"},
	"audit_missing":     {lost, "something was done and the audit does not say so", "the database was changed from outside: compare with a backup"},
	"audit_twice":       {double, "the audit says twice what may be done once", "compare with the ledger: money may have moved twice"},
	"audit_untrue":      {other, "the audit says what the other books do not show", "what was done is gone: compare with a backup"},
	"audit_chain":       {lost, "the audit's chain is broken: an event was changed or taken out", "yumen verify; compare with a backup"},
}
