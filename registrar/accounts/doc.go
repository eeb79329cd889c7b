// Package accounts keeps houses with their hosts, and the people who sign in:
// codes by mail, passwords, second factors, sessions, roles and step-up.
//
// HouseOf answers which house a request belongs to and ActorFor who asks; every
// other flow of the business takes that actor as its argument. SignUp and
// ConfirmSignUp open an account, SignIn and SecondFactor begin a session,
// StepUp renews it before a dangerous act, which asks RequireStepUp.
//
// What is answered never tells whether an address has an account: the same
// page, the same work, the same limits.
//
// WebSessions is what the browser's cookie leads to (a store for scs, and the
// forms kept over a sign-in). It lives in a file of its own, since it may be
// lost without harm.
//
// Recurring work: Sweep and WebSessions.Sweep, daily.
//
// Facts: none. A cart is taken over in the request that signs in.
package accounts
