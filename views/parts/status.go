package parts

import "yumen/registrar/orders"

// OrderKind is the mark of an order's or an item's state: its colour and shape.
func OrderKind(s orders.State) string {
	switch s {
	case orders.Registered:
		return "ok"
	case orders.Refused, orders.Refunding:
		return "bad"
	case orders.Refunded, orders.Cancelled, orders.Expired:
		return "hold"
	case orders.Ready, orders.Sent:
		return "info"
	}
	return "wait"
}
