// Package parts holds the small pieces that pages are made of: names, money,
// dates, states, fields, timelines. Each takes plain values and decides nothing.
// Labels and titles arrive as finished text in the language of the page; only
// the words that belong to the piece itself ("required", "first year") come from
// the part area of the locales.
//
// Kinds, wherever a part takes one: "ok" (round, jade), "wait" (diamond, amber:
// a clock is running), "bad" (square, cinnabar: refused, late or stopped),
// "info" (indigo), "hold" (square, grey), "plain" (no mark).
package parts
