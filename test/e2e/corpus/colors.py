# The colors of a flag, for a model that knows nothing else.
def stripes(count):
    colors = ["red", "white", "blue"]
    return [colors[index % 3] for index in range(count)]


def describe(count):
    for number, color in enumerate(stripes(count)):
        print(f"stripe {number} is {color}")


if __name__ == "__main__":
    describe(9)
