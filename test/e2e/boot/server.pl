#!/usr/bin/perl
# Stands for every service of a fleet: `server --config FILE`. A line of the file is one of
#   delay SECONDS    before it listens
#   tcp PORT         accepts connections
#   dns PORT         answers every query with NOERROR
#   exit STATUS      ends at once
# and one that is to listen on nothing waits for ever. It says when it starts and when it is ready.
use strict;
use warnings;
use Socket;

$| = 1;
$SIG{TERM} = sub { exit 0 };
print "starts\n";
my ($delay, @sockets) = (0);
open(my $config, '<', $ARGV[1]) or die "$ARGV[1]: $!\n";
while (<$config>) {
    my ($word, $value) = split;
    if ($word eq 'delay') { $delay = $value }
    elsif ($word eq 'exit') { exit $value }
    elsif ($word eq 'tcp') { push @sockets, [SOCK_STREAM, $value] }
    elsif ($word eq 'dns') { push @sockets, [SOCK_DGRAM, $value] }
    else { die "what is $word?\n" }
}
sleep $delay;
for (@sockets) {
    my ($type, $port) = @$_;
    socket(my $socket, PF_INET, $type, 0) or die "socket: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($socket, sockaddr_in($port, INADDR_ANY)) or die "port $port: $!\n";
    listen($socket, 64) if $type == SOCK_STREAM;
    $_ = [$type, $socket];
}
print "ready\n";
while (1) {
    my $wanted = '';
    vec($wanted, fileno $_->[1], 1) = 1 for @sockets;
    select(my $ready = $wanted, undef, undef, undef) > 0 or next;
    for (@sockets) {
        my ($type, $socket) = @$_;
        next unless vec($ready, fileno $socket, 1);
        if ($type == SOCK_STREAM) { accept(my $client, $socket); next }
        my $from = recv($socket, my $message, 512, 0);
        next unless defined $from && length $message >= 12;
        # The query itself, with the bit that makes it an answer.
        vec($message, 23, 1) = 1;
        send($socket, $message, 0, $from);
    }
}
