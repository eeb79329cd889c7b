# One session of Net::EPP::Simple, a client by other authors: log in, hello, check, create, info, log out.
# Arguments: host, port. Prints what it understood, one line a step.
use strict;
use warnings;
use Net::EPP::Simple;

my ($host, $port) = @ARGV;
my $epp = Net::EPP::Simple->new(
    host => $host, port => $port, user => 'stranger', pass => 'stranger-pw', timeout => 20,
    appname => 'wire test', reconnect => 0
) or die "login: $Net::EPP::Simple::Code $Net::EPP::Simple::Message $Net::EPP::Simple::Error\n";
print "greeting ", $epp->{greeting}->getElementsByTagName('svID')->shift->textContent, "\n";
print "ping ", ($epp->ping ? 1 : 0), "\n";
print "check ", join(' ', map { $epp->check_domain($_) } qw(free.cn taken.cn)), "\n";
my $made = $epp->create_domain({
    name => 'free.cn', period => 2, registrant => 'lin-0001', contacts => { admin => 'lin-0001', tech => 'lin-0001', billing => 'lin-0001' },
    ns => [ 'ns1.example.com' ], authInfo => 'x' });
print "create ", ($made ? 1 : 0), " $Net::EPP::Simple::Code\n";
my $info = $epp->domain_info('taken.cn') or die "info: $Net::EPP::Simple::Code\n";
print "info $info->{name} $info->{clID} $info->{registrant} $info->{exDate} ", join(',', @{ $info->{status} }), "\n";
print "missing ", (defined $epp->domain_info('none.cn') ? 1 : 0), " $Net::EPP::Simple::Code\n";
print "logout ", ($epp->logout ? 1 : 0), "\n";
