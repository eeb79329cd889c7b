package accounts_test

import (
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/texts"
)

// signUp is a form that is complete.
func (w world) signUp(mail, password string) accounts.SignUpForm {
	return accounts.SignUpForm{Mail: mail, Password: password, Agreed: accountstest.Agreed(w, w.d, w.visitor.House)}
}

func TestNobodySignsUpWithoutAgreeingToTheTextsInForce(t *testing.T) {
	each(t, func(w world) {
		form := w.signUp(lin, "green table upstairs")
		for _, agreed := range [][]int64{nil, form.Agreed[:1], {1, 2, 3}} {
			_, err := accounts.SignUp(ctx, w.d, w.visitor, accounts.SignUpForm{Mail: lin, Password: "green table upstairs", Agreed: agreed})
			w.want(err, "accounts.agree_first")
		}
		pending, err := accounts.SignUp(ctx, w.d, w.visitor, form)
		if err != nil {
			w.Fatal(err)
		}
		b, err := accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, w.post.Code(w, lin, "accounts.sign_up_code", 1), "")
		if err != nil {
			w.Fatal(err)
		}
		dbtest.Read(w, w.d, func(tx *db.Tx) error {
			for _, id := range form.Agreed {
				if ok, err := texts.Accepted(tx, b.Account, id, ""); err != nil || !ok {
					w.Errorf("version %d is not kept as accepted: %v", id, err)
				}
			}
			return nil
		})
	})
}
