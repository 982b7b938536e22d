import unittest

from tool.cli import reverse


class Reverse(unittest.TestCase):
    def test_reverse(self):
        self.assertEqual(reverse("abc"), "cba")
