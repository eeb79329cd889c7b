package epp

// The fee extension, RFC 8748. Amounts stay decimal text: turning them into money is the caller's, without floats.

// FeeCheck: always set Currency; some servers drop the connection without one.
type FeeCheck struct {
	Currency string       `xml:"fee:currency,omitempty"`
	Commands []FeeCommand `xml:"fee:command"`
}

// FeeCommand: Name is create, delete, renew, update, transfer, restore or custom.
type FeeCommand struct {
	Name       string  `xml:"name,attr"`
	CustomName string  `xml:"customName,attr,omitempty"`
	Phase      string  `xml:"phase,attr,omitempty"`
	Subphase   string  `xml:"subphase,attr,omitempty"`
	Period     *Period `xml:"fee:period"`
}

// FeeChkData answers a FeeCheck (RFC 8748 section 5.1.1).
type FeeChkData struct {
	Currency string  `xml:"fee:currency"`
	CD       []FeeCD `xml:"fee:cd"`
}

// FeeCD: Class names the price class ("premium", "standard"). Avail nil means that prices are given.
type FeeCD struct {
	Avail    *Flag       `xml:"avail,attr,omitempty"`
	ObjID    FeeObjID    `xml:"fee:objID"`
	Class    string      `xml:"fee:class,omitempty"`
	Commands []FeeQuoted `xml:"fee:command"`
	Reason   *Text       `xml:"fee:reason"`
}

// FeeObjID is the object a price is for.
type FeeObjID struct {
	Element string `xml:"element,attr,omitempty"`
	Value   string `xml:",chardata"`
}

// FeeQuoted: Standard means that the price is the usual one of its class.
type FeeQuoted struct {
	Name       string   `xml:"name,attr"`
	CustomName string   `xml:"customName,attr,omitempty"`
	Phase      string   `xml:"phase,attr,omitempty"`
	Subphase   string   `xml:"subphase,attr,omitempty"`
	Standard   Flag     `xml:"standard,attr,omitempty"`
	Period     *Period  `xml:"fee:period"`
	Fees       []Fee    `xml:"fee:fee"`
	Credits    []Credit `xml:"fee:credit"`
	Reason     *Text    `xml:"fee:reason"`
}

// Fee is an amount with its terms, in units of the currency as decimal text (RFC 8748 section 3.4).
type Fee struct {
	Description string `xml:"description,attr,omitempty"`
	Lang        string `xml:"lang,attr,omitempty"`
	Refundable  *Flag  `xml:"refundable,attr,omitempty"`
	GracePeriod string `xml:"grace-period,attr,omitempty"` // XML Schema duration, "P5D"
	Applied     string `xml:"applied,attr,omitempty"`      // immediate or delayed
	Value       string `xml:",chardata"`
}

// Credit is a negative amount.
type Credit struct {
	Description string `xml:"description,attr,omitempty"`
	Lang        string `xml:"lang,attr,omitempty"`
	Value       string `xml:",chardata"`
}

// FeeCreate is the price agreed to with a create (RFC 8748 section 5.2.1).
type FeeCreate struct{ FeeTransform }

// FeeRenew is the price agreed to with a renew (RFC 8748 section 5.2.3).
type FeeRenew struct{ FeeTransform }

// FeeTransfer is the price agreed to with a transfer (RFC 8748 section 5.2.4).
type FeeTransfer struct{ FeeTransform }

// FeeUpdate is the price agreed to with an update (RFC 8748 section 5.2.5).
type FeeUpdate struct{ FeeTransform }

// FeeTransform is the price we agree to. A server whose price differs refuses.
type FeeTransform struct {
	Currency string   `xml:"fee:currency,omitempty"`
	Fees     []Fee    `xml:"fee:fee"`
	Credits  []Credit `xml:"fee:credit"`
}

// FeeCreData is what a create cost.
type FeeCreData struct{ FeeResult }

// FeeRenData is what a renew cost.
type FeeRenData struct{ FeeResult }

// FeeTrnData is what a transfer costs.
type FeeTrnData struct{ FeeResult }

// FeeUpdData is what an update cost.
type FeeUpdData struct{ FeeResult }

// FeeDelData is what a delete cost or gave back.
type FeeDelData struct{ FeeResult }

// FeeResult is what the registry took, and what is left.
type FeeResult struct {
	Currency    string   `xml:"fee:currency,omitempty"`
	Period      *Period  `xml:"fee:period"`
	Fees        []Fee    `xml:"fee:fee"`
	Credits     []Credit `xml:"fee:credit"`
	Balance     string   `xml:"fee:balance,omitempty"`
	CreditLimit string   `xml:"fee:creditLimit,omitempty"`
}
