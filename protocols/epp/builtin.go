package epp

func builtin() []Extension {
	return []Extension{
		{NSDomain, "domain", map[string]any{
			"check": DomainCheck{}, "create": DomainCreate{}, "delete": DomainDelete{}, "info": DomainInfo{}, "renew": DomainRenew{},
			"transfer": DomainTransfer{}, "update": DomainUpdate{}, "chkData": DomainChkData{}, "creData": DomainCreData{},
			"infData": DomainInfData{}, "panData": DomainPanData{}, "renData": DomainRenData{}, "trnData": DomainTrnData{}}},
		{NSContact, "contact", map[string]any{
			"check": ContactCheck{}, "create": ContactCreate{}, "delete": ContactDelete{}, "info": ContactInfo{},
			"transfer": ContactTransfer{}, "update": ContactUpdate{}, "chkData": ContactChkData{}, "creData": ContactCreData{},
			"infData": ContactInfData{}, "panData": ContactPanData{}, "trnData": ContactTrnData{}}},
		{NSHost, "host", map[string]any{
			"check": HostCheck{}, "create": HostCreate{}, "delete": HostDelete{}, "info": HostInfo{}, "update": HostUpdate{},
			"chkData": HostChkData{}, "creData": HostCreData{}, "infData": HostInfData{}, "panData": HostPanData{}}},
		{NSSecDNS, "secDNS", map[string]any{"create": SecDNSCreate{}, "update": SecDNSUpdate{}, "infData": SecDNSInfData{}}},
		{NSRGP, "rgp", map[string]any{"update": RGPUpdate{}, "infData": RGPInfData{}, "upData": RGPUpData{}}},
		{NSFee, "fee", map[string]any{
			"check": FeeCheck{}, "chkData": FeeChkData{}, "create": FeeCreate{}, "creData": FeeCreData{}, "renew": FeeRenew{},
			"renData": FeeRenData{}, "transfer": FeeTransfer{}, "trnData": FeeTrnData{}, "update": FeeUpdate{}, "updData": FeeUpdData{},
			"delData": FeeDelData{}}},
		{NSLoginSec, "loginSec", map[string]any{"loginSec": LoginSec{}, "loginSecData": LoginSecData{}}},
		{NSChangePoll, "changePoll", map[string]any{"changeData": ChangeData{}}},
		{NSCNNICContact, "cnnic-contact", map[string]any{
			"create": CNNICContactCreate{}, "infData": CNNICContactInfData{}, "update": CNNICContactUpdate{}}},
		{NSCNNICDomain, "cnnic-domain", map[string]any{
			"create": CNNICDomainCreate{}, "infData": CNNICDomainInfData{}, "update": CNNICDomainUpdate{}}},
		{NSCNNICHost, "cnnic-host", map[string]any{
			"create": CNNICHostCreate{}, "infData": CNNICHostInfData{}, "update": CNNICHostUpdate{}}},
	}
}
