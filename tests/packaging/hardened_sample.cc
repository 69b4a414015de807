// A program in which each of the flags of --config=release leaves its trace.
#include <cstdio>
#include <cstring>

namespace sample {

// Its address is taken, and it is no array: the strong stack protector guards it, the plain does
// not.
int Read(const char* text) {
  int number = 0;
  return std::sscanf(text, "%d", &number) == 1 ? number : 0;
}

int Count(const char* text) { return static_cast<int>(std::strlen(text)); }

}  // namespace sample

int main(int argc, char** argv) {
  static char name[32];
  std::strcpy(name, argv[0]);
  std::puts(name);
  return argc > 1 ? sample::Read(argv[1]) : sample::Count(name);
}
