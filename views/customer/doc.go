// Package customer shows the pages of those who hold names: cart, checkout,
// orders, names, profiles, wallet and notices. One file of templates for each
// noun, with its view model beside it.
//
// A page takes the frame's Page and its own model, whose texts are in the
// language of the page already. Every page works without scripts: a control is
// a link or a form with its own address; htmx only spares the reload.
package customer
