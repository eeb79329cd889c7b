# An independent client: Debian's Net::EPP logs in, checks, creates, renews and infos.
use strict;
use warnings;
use Net::EPP::Simple;

my ($host, $port, $password) = @ARGV;

# "verify" is left out on purpose: the client takes any defined value for true.
my $epp = Net::EPP::Simple->new(
	host => $host, port => $port, user => 'stranger', pass => $password,
	timeout => 20, reconnect => 0, load_config => 0,
) or die "login: $Net::EPP::Simple::Code $Net::EPP::Simple::Message\n";

sub ok {
	my ($what, $want) = @_;
	print "$what $Net::EPP::Simple::Code\n";
	die "$what: $Net::EPP::Simple::Code $Net::EPP::Simple::Message\n" unless $Net::EPP::Simple::Code == $want;
}

die "tea-shop.com is taken\n" unless $epp->check_domain('tea-shop.com') == 1;
ok('check', 1000);
my $addr = { street => ['1 Street'], city => 'Beijing', sp => 'Beijing', pc => '100000', cc => 'CN' };
$epp->create_contact({ id => 'STR-1', postalInfo => { int => { name => 'A Stranger', org => '', addr => $addr } },
	voice => '+86.1065539999', fax => '', email => 'stranger@example.cn', authInfo => '' });
ok('contact create', 1000);
$epp->create_domain({ name => 'tea-shop.com', period => '2', registrant => 'STR-1',
	contacts => { admin => 'STR-1', tech => 'STR-1', billing => 'STR-1' }, ns => [], authInfo => '' });
ok('create', 1000);
$epp->create_host({ name => 'ns1.tea-shop.com', addrs => [ { ip => '192.0.2.1', version => 'v4' } ] });
ok('host create', 1000);
$epp->update_domain({ name => 'tea-shop.com', add => { ns => ['ns1.tea-shop.com'], status => { clientTransferProhibited => 'locked' } } });
ok('update', 1000);
die "tea-shop.com is free\n" unless $epp->check_domain('tea-shop.com') == 0;
my $info = $epp->domain_info('tea-shop.com');
ok('info', 1000);
print join(' ', $info->{name}, $info->{clID}, $info->{registrant}, $info->{contacts}->{tech}, @{$info->{ns}}), "\n";
$epp->create_domain({ name => 'tea-shop.com', period => '1', registrant => 'STR-1',
	contacts => { admin => 'STR-1', tech => 'STR-1', billing => 'STR-1' }, ns => [], authInfo => '' });
ok('create again', 2302);
$epp->create_domain({ name => 'xn--1lq90i.xn--otu796d', period => '1', registrant => 'STR-1',
	contacts => { admin => 'STR-1', tech => 'STR-1', billing => 'STR-1' }, ns => [], authInfo => '' });
ok('application', 1001);
$epp->ping or die "hello\n";
print "hello\n";
$epp->logout or die "logout\n";
print "logout\n";
