from mtvision.data import Cached


def test_each_sample_is_read_once():
    class Source:
        reads = 0

        def __len__(self):
            return 2

        def __getitem__(self, index):
            self.reads += 1
            return {"label": index}

    source = Source()
    cached = Cached(source)
    assert len(cached) == 2
    for _ in range(3):
        assert [cached[i]["label"] for i in range(2)] == [0, 1]
    assert source.reads == 2
