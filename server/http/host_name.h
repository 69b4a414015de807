// Whom a request is for: the name in its Host (RFC 9110, section 7.2).
#ifndef SERVER_HTTP_HOST_NAME_H_
#define SERVER_HTTP_HOST_NAME_H_

#include <string>

namespace esockets::http {

// "name", "192.0.2.1" or "2001:db8::1" of "name:80", "192.0.2.1" or "[2001:db8::1]:80", in lower
// case. Empty: it is none of them.
std::string HostName(const std::string& host);

// An address, or "localhost": no attacker can have a name like that lead to us (DNS rebinding).
bool IsOwnName(const std::string& host_name);

}  // namespace esockets::http

#endif  // SERVER_HTTP_HOST_NAME_H_
