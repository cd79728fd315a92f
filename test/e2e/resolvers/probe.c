/* Resolves a name as the C library that it is linked with does: prints its first address, or "absent" if there is no
   such name, or "failed" if nobody answered. */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  char address[64];
  int error = argc == 2 ? getaddrinfo(argv[1], NULL, &hints, &found) : EAI_FAIL;
  if (error != 0)
    puts(error == EAI_NONAME ? "absent" : "failed");
  else if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0)
    puts(address);
  return 0;
}
