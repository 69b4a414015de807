// Keeps web pages out: a browser on the operator's machine would ask for any page that it shows,
// and can reach the loopback address that only the operator was meant to reach.
#ifndef GATEWAYS_HTTP_ORIGIN_H_
#define GATEWAYS_HTTP_ORIGIN_H_

#include <span>
#include <string>

#include "server/http/request.h"

namespace esockets::http {

// Why the request may be that of a page from elsewhere; empty: it is not.
//
// Origin must be that of the request itself, and Sec-Fetch-Site (W3C Fetch Metadata) same-origin or
// none. Host must be an address, "localhost" or one of `hosts`: under a name of his own an attacker
// can have his page's requests sent to us (DNS rebinding), and to the browser they are of one
// origin.
std::string ForeignOrigin(const Request& request, std::span<const std::string> hosts);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ORIGIN_H_
