import sys


def reverse(text):
    return text[::-1]


def main():
    print(reverse(" ".join(sys.argv[1:])))
