package accounts_test

import "yumen/registrar/accounts"

// signUp is a form that is complete.
func (w world) signUp(mail, password string) accounts.SignUpForm {
	return accounts.SignUpForm{Mail: mail, Password: password}
}
